import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import {
  ConfigError,
  developmentIdentity,
  environmentFlag,
  environmentIdentity,
  parseQuirks,
  resolveConfig,
  type ServerConfig,
} from '#config.ts'

const own = {
  tenant: '11111111-1111-4111-8111-111111111111',
  clientId: '33333333-3333-4333-8333-333333333333',
  clientSecret: 'a secret',
}

function assertRefused(given: ServerConfig, message: RegExp): void {
  assert.throws(
    () => resolveConfig(given),
    (error) => {
      assert(error instanceof ConfigError)
      assert.match(error.message, message)
      return true
    },
  )
}

test('nothing said is the development identity on both loopback addresses', () => {
  assert.deepEqual(resolveConfig({}), {
    hosts: ['127.0.0.1', '::1'],
    port: 8443,
    httpPort: 8080,
    data: '.runstate',
    memory: false,
    database: undefined,
    profile: 'documented',
    quirks: {},
    cloud: 'global',
    demo: false,
    publicUrl: undefined,
    allowHosts: [],
    tenant: developmentIdentity.tenant,
    clientId: developmentIdentity.clientId,
    clientSecret: developmentIdentity.clientSecret,
    log: false,
    metrics: false,
    isDevelopment: true,
  })
})

describe('a database elsewhere', () => {
  for (const database of ['postgres://u:p@db:5432/runstate', 'postgresql:///runstate?host=/var/run'])
    test(`is ${database}`, () => assert.equal(resolveConfig({ database }).database, database))

  for (const database of ['', 'runstate', 'mysql://db/runstate', 'postgres'])
    test(`is not '${database}'`, () => assertRefused({ database }, /^--database takes a URL of PostgreSQL/))

  test('is not one in memory', () => {
    assertRefused({ database: 'postgres:///runstate', memory: true }, /^--memory and --database exclude/)
  })
})

describe('credentials', () => {
  test('of one’s own are given whole', () => {
    const { isDevelopment, ...rest } = resolveConfig(own)
    assert.equal(isDevelopment, false)
    assert.equal(rest.tenant, own.tenant)
    const together = /^--tenant, --client-id and --client-secret are given together or not at all\.$/
    const names = ['tenant', 'clientId', 'clientSecret'] as const
    for (const name of names) {
      assertRefused({ [name]: own[name] }, together)
      const { [name]: _left, ...others } = own
      assertRefused(others, together)
    }
  })

  test('have a GUID for the tenant, which is kept in lower case', () => {
    const tenant = 'ABCDEF00-0000-4000-8000-000000000001'
    assert.equal(resolveConfig({ ...own, tenant }).tenant, tenant.toLowerCase())
    assertRefused({ ...own, tenant: 'contoso.com' }, /^--tenant takes a GUID, not 'contoso\.com'\.$/)
  })

  const beyond = [
    '0.0.0.0',
    '::',
    '192.0.2.1',
    'runstate.example',
    '1270.0.0.1',
    '127.0.0.1.example',
    '::ffff:127.0.0.1',
  ]
  for (const host of beyond) {
    test(`must be one’s own to listen on ${host}`, () => {
      const message = new RegExp(
        `^Listening on ${host} would let others in with the well-known development secret: give --tenant, --client-id and --client-secret of your own\\.$`,
      )
      assertRefused({ hosts: [host] }, message)
      assertRefused({ hosts: ['127.0.0.1', host] }, message)
      assertRefused({ ...own, hosts: [host], clientSecret: developmentIdentity.clientSecret }, message)
      assertRefused({ ...own, hosts: [host], clientSecret: '' }, message)
      assert.deepEqual(resolveConfig({ ...own, hosts: [host] }).hosts, [host])
    })
  }

  test('need not be one’s own on loopback', () => {
    const hosts = ['localhost', '127.0.0.1', '127.1.2.3', '::1']
    assert.deepEqual(resolveConfig({ hosts }).hosts, hosts)
  })
})

describe('an address', () => {
  test('that is named twice is listened on once', () => {
    assert.deepEqual(resolveConfig({ hosts: ['::1', '127.0.0.1', '::1'] }).hosts, ['::1', '127.0.0.1'])
  })

  test('there must be', () => {
    assertRefused({ hosts: [] }, /^--host takes one address or more\.$/)
  })
})

test('a port is a whole number of sixteen bits', () => {
  for (const port of [0, 1, 65_535]) assert.equal(resolveConfig({ port, httpPort: port }).port, port)
  for (const port of [-1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assertRefused({ port }, /^--port takes a port from 0 to 65535, not /)
    assertRefused({ httpPort: port }, /^--http-port takes a port from 0 to 65535, not /)
  }
})

describe('the public URL', () => {
  for (const [text, origin] of [
    ['https://runstate.example:8443', 'https://runstate.example:8443'],
    ['https://runstate.example/', 'https://runstate.example'],
    ['HTTP://Runstate.Example:80', 'http://runstate.example'],
  ] as const) {
    test(`${text} is ${origin}`, () => assert.equal(resolveConfig({ publicUrl: text }).publicUrl, origin))
  }

  for (const text of [
    '',
    'runstate.example',
    'localhost:8443',
    'ftp://runstate.example',
    'https://runstate.example/path',
    'https://runstate.example/?query',
    'https://runstate.example/#fragment',
    'https://user:secret@runstate.example',
    'javascript:alert(1)',
  ]) {
    test(`${JSON.stringify(text)} is none`, () =>
      assertRefused({ publicUrl: text }, /^--public-url takes scheme, host and port, as https:.+, not '/))
  }
})

describe('quirks', () => {
  test('are read with the behaviours they have', () => {
    assert.deepEqual(parseQuirks([]), {})
    assert.deepEqual(parseQuirks(['delete-status=200', 'listed-content=null', 'delete-status=204']), {
      'delete-status': 204,
      'listed-content': 'null',
    })
  })

  for (const [text, message] of [
    ['delete-status=500', /^The quirk 'delete-status' is one of delete-status=204, delete-status=200\.$/],
    ['delete-status', /^The quirk 'delete-status' is one of /],
    ['delete-status=', /^The quirk 'delete-status' is one of /],
    ['unknown=1', /^There is no quirk 'unknown'; there are type-annotation, /],
    ['constructor=1', /^There is no quirk 'constructor'; /],
    ['', /^There is no quirk ''; /],
  ] as const) {
    test(`refuse ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseQuirks([text]), { name: 'ConfigError', message }))
  }
})

function setVariables(t: TestContext, variables: Readonly<Record<string, string>>): void {
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })
  Object.assign(process.env, variables)
}

describe('the environment', () => {
  test('sets a flag by a word that says so', (t) => {
    const name = 'RUNSTATE_A_FLAG'
    assert.equal(environmentFlag(name), false)
    for (const [text, isSet] of [
      ['1', true],
      ['TRUE', true],
      ['yes', true],
      ['on', true],
      ['', false],
      ['0', false],
      ['False', false],
      ['no', false],
      ['off', false],
    ] as const) {
      setVariables(t, { [name]: text })
      assert.equal(environmentFlag(name), isSet, text)
    }
    setVariables(t, { [name]: 'perhaps' })
    assert.throws(() => environmentFlag(name), {
      name: 'ConfigError',
      message: "RUNSTATE_A_FLAG is true or false, not 'perhaps'.",
    })
  })

  test('has the identity for commands that have no flags for it', (t) => {
    assert.deepEqual(environmentIdentity(), {})
    setVariables(t, {
      RUNSTATE_TENANT: own.tenant,
      RUNSTATE_CLIENT_ID: own.clientId,
      RUNSTATE_CLIENT_SECRET: own.clientSecret,
      RUNSTATE_CLOUD: 'china',
    })
    assert.deepEqual(environmentIdentity(), { ...own, cloud: 'china' })
    setVariables(t, { RUNSTATE_CLOUD: 'cumulus' })
    assert.deepEqual(environmentIdentity(), own)
  })
})
