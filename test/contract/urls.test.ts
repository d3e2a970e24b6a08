/** URLs: how keys and segments may be written, what is not served, and the context of what is. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorOf, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  createUserState,
  type Family,
  families,
  keyOf,
  readText,
  shellFamily,
  useRunstate,
} from './families.ts'

const origin = 'https://localhost'

/** The ways to write the URL of one state, from the root. */
function spellingsOf(family: Family, script: string, state: string): readonly string[] {
  const { set } = family
  const root = '/beta/deviceManagement'
  const escaped = script.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`)
  return [
    `${root}/${set}/${script}/userRunStates/${state}`,
    `${root}/${set}('${script}')/userRunStates/${state}`,
    `${root}/${set}/${script}/userRunStates('${state}')`,
    `${root}/${set}('${script}')/userRunStates('${state}')`,
    `${root}/${set}(%27${script}%27)/userRunStates(%27${state}%27)`,
    `${root}/${set}%28%27${script}%27%29/userRunStates%28%27${state}%27%29`,
    `${root}/${set}/${escaped}/userRunStates/${state}`,
    `${root}/${set}('${escaped}')/userRunStates/${state}`,
    `${root}/${set.toUpperCase()}/${script}/USERRUNSTATES/${state}`,
    `${root}/${set.toLowerCase()}('${script}')/userrunstates('${state}')`,
    `/Beta/DeviceManagement/${set}/${script}/UserRunStates/${state}`,
    `/BETA/DEVICEMANAGEMENT/${set}/${script}/userRunStates/${state}`,
    `${root}/${set}/${script}/userRunStates/${state}/`,
    `${root}/${set}//${script}/userRunStates/${state}`,
    `/beta//deviceManagement//${set}//${script}//userRunStates//${state}//`,
    `${root}/${set}('${script}')/userRunStates('${state}')/`,
  ]
}

for (const family of families) {
  describe(`the URLs of ${family.set}`, () => {
    const runstate = useRunstate()

    test('may be written in many ways, for GET and for PATCH', async () => {
      const path = await createUserState(runstate(), family)
      const [, script = '', , state = ''] = path.split('/')
      const expected = await readText(runstate(), path)
      for (const url of spellingsOf(family, script, state)) {
        const got = await runstate().send('GET', url)
        assert.equal(got.status, 200, `${url}: ${got.text}`)
        assert.equal(got.text, expected, url)
        const patched = await runstate().send('PATCH', url, { body: {} })
        assert.equal(patched.text, expected, url)
      }
    })

    test('may end in a slash, for a list and for a creation', async () => {
      const listed = await runstate().send('GET', `${family.set}/`)
      assert.equal(listed.status, 200, listed.text)
      const created = await runstate().send('POST', `${family.set}/`, { body: family.creation })
      assert.equal(created.status, 201, created.text)
      const states = `/beta/deviceManagement//${family.set}//${created.body['id']}/userRunStates/`
      assert.equal((await runstate().send('POST', states, { body: {} })).status, 201)
      assert.equal((await runstate().send('GET', states)).status, 200)
    })

    test('name the context of each answer, its keys in quotes', async () => {
      const path = await createUserState(runstate(), family)
      const [, script = '', , state = ''] = path.split('/')
      const states = `#deviceManagement/${family.set}('${script}')/userRunStates`
      for (const [url, context] of [
        [family.set, `#deviceManagement/${family.set}`],
        [`${family.set}/${script}`, `#deviceManagement/${family.set}/$entity`],
        [`${family.set}('${script}')`, `#deviceManagement/${family.set}/$entity`],
        [`${family.set}/${script}/userRunStates`, states],
        [`${family.set.toUpperCase()}('${script}')/USERRUNSTATES/`, states],
        [`${family.set}/${script}/userRunStates/${state}`, `${states}/$entity`],
        [`${family.set}('${script}')/userRunStates('${state}')`, `${states}/$entity`],
      ] as const) {
        const { status, text, body } = await runstate().send('GET', url)
        assert.equal(status, 200, text)
        assert.equal(body['@odata.context'], `${origin}/beta/$metadata${context}`)
        assert.equal(Object.keys(body)[0], '@odata.context')
      }
    })

    test('keep keys apart by their case', async () => {
      const path = await createUserState(runstate(), family)
      const [, script = '', , state = ''] = path.split('/')
      const upper = (text: string) => (/[a-f]/.test(text) ? text.toUpperCase() : `${text}A`)
      for (const url of [
        `${family.set}/${upper(script)}`,
        `${family.set}('${upper(script)}')`,
        `${family.set}/${script}/userRunStates/${upper(state)}`,
      ]) {
        assertRefused(await runstate().send('GET', url), 404, 'ResourceNotFound')
      }
    })
  })
}

describe('a key that no entity has', () => {
  const runstate = useRunstate()

  for (const url of [
    "deviceShellScripts/it's",
    "deviceShellScripts('it''s')",
    'deviceShellScripts(%27it%27%27s%27)',
    'deviceShellScripts/a%2Fb',
    "deviceShellScripts('a%2Fb')",
    'deviceShellScripts/%C3%A4%20%25',
    "deviceShellScripts('(x)')",
    'deviceShellScripts/a+b',
    `deviceShellScripts/${'k'.repeat(300)}`,
  ]) {
    test(`is 404 as ${url.slice(0, 60)}`, async () => {
      assertRefused(await runstate().send('GET', url), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('PATCH', url, { body: {} }), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('DELETE', url), 404, 'ResourceNotFound')
    })
  }

  for (const url of [
    "deviceShellScripts('it's')",
    "deviceShellScripts('a",
    "deviceShellScripts(a')",
    'deviceShellScripts()',
    'deviceShellScripts(a)',
    "deviceShellScripts('a')('b')",
    "deviceShellScripts('a')b",
    'deviceShellScripts/%zz',
    'deviceShellScripts/%e4',
    'deviceShellScripts/%',
  ]) {
    test(`is 400 where it is not well formed: ${url}`, async () => {
      assertRefused(await runstate().send('GET', url), 400)
    })
  }

  test('is not split at an encoded slash', async () => {
    const path = await createScript(runstate(), shellFamily)
    const answer = await runstate().send('GET', path.replace('/', '%2F'))
    assertRefused(answer, 400, 'BadRequest')
  })
})

describe('what is not served', () => {
  const runstate = useRunstate()
  const [script, state] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']

  for (const [url, segment] of [
    ['/beta/nonsense', 'nonsense'],
    ['/beta/nonsense/deviceShellScripts', 'nonsense'],
    ['nonsense', 'nonsense'],
    ['deviceShellScript', 'deviceShellScript'],
    ["nonsense('x')/userRunStates", 'nonsense'],
    [`deviceShellScripts/${script}/nonsense`, 'nonsense'],
    [`deviceShellScripts('${script}')/nonsense/${state}`, 'nonsense'],
    [`deviceShellScripts/${script}/userRunStates/${state}/nonsense`, 'nonsense'],
  ] as const) {
    for (const method of ['GET', 'PATCH', 'DELETE', 'POST']) {
      test(`is 400 and named: ${method} ${url}`, async () => {
        const sending = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
        const answer = await runstate().send(method, url, sending)
        assertRefused(answer, 400, 'BadRequest')
        const { message } = errorOf(answer)
        assert.match(message, /^Resource not found for the segment '.*'\.$/)
        assert(message.includes(`'${segment}`), message)
      })
    }
  }

  test('is every one of these in v1.0, as in Graph', async () => {
    for (const { set } of families) {
      for (const url of [set, `${set}/${script}`, `${set}('${script}')/userRunStates/${state}`]) {
        const answer = await runstate().send('GET', `/v1.0/deviceManagement/${url}`)
        assertRefused(answer, 400, 'BadRequest')
        const { message } = errorOf(answer)
        assert(message.startsWith(`Resource not found for the segment '${set}`), message)
      }
    }
  })

  test('is not written to through v1.0', async () => {
    const path = await createUserState(runstate(), shellFamily)
    const before = await readText(runstate(), path)
    const url = `/v1.0/deviceManagement/${path}`
    const answer = await runstate().send('PATCH', url, { body: { errorDeviceCount: 9 } })
    assertRefused(answer, 400, 'BadRequest')
    assert.equal(await readText(runstate(), path), before)
  })

  test('is any other version, as in Graph', async () => {
    for (const [url, version] of [
      ['/v2.0/deviceManagement/deviceShellScripts', 'v2.0'],
      ['/alpha/deviceManagement/deviceShellScripts', 'alpha'],
      ['/deviceManagement/deviceShellScripts', 'deviceManagement'],
    ] as const) {
      const answer = await runstate().send('GET', url)
      assertRefused(answer, 404, 'ResourceNotFound')
      assert.equal(errorOf(answer).message, `Invalid version: ${version}`)
    }
  })
})

describe('a method that a resource has not', () => {
  const runstate = useRunstate()

  for (const [kind, wrong, allowed] of [
    ['collection', ['PUT', 'PATCH', 'DELETE'], ['GET', 'POST']],
    ['entity', ['PUT', 'POST'], ['GET', 'PATCH', 'DELETE']],
  ] as const) {
    for (const method of wrong) {
      test(`is 405 and says which it has: ${method} of a ${kind}, and nothing is written`, async () => {
        for (const family of families) {
          const path = await createUserState(runstate(), family)
          const script = path.slice(0, path.indexOf('/userRunStates'))
          const before = await readText(runstate(), `${script}/userRunStates`)
          const paths = kind === 'entity' ? [script, path] : [family.set, `${script}/userRunStates`]
          for (const one of paths) {
            const sending = method === 'DELETE' ? {} : { body: { displayName: 'x' } }
            const answer = await runstate().send(method, one, sending)
            assertRefused(answer, 405)
            const named = (answer.headers.get('allow') ?? '').split(/\s*,\s*/)
            for (const name of allowed) assert(named.includes(name), `${name} of ${named}`)
            assert(!named.includes(method))
          }
          assert.equal(await readText(runstate(), `${script}/userRunStates`), before)
          assert.equal((await runstate().send('GET', `${family.set}/${keyOf(script)}`)).status, 200)
        }
      })
    }
  }
})

describe('a query option', () => {
  const runstate = useRunstate()

  for (const option of ['$apply=aggregate(id)', '$compute=1', '$nonsense=1', '%24nonsense=1']) {
    test(`that is not served is 400 and named: ${option}`, async () => {
      const answer = await runstate().send('GET', `deviceShellScripts?${option}`)
      assertRefused(answer, 400)
      const [name = ''] = decodeURIComponent(option).split('=')
      assert(errorOf(answer).message.includes(name), answer.text)
    })
  }

  for (const query of ['?=999&=assignments', '?=managedDevice(=deviceName)', '?', '?&', '?foo=bar', '?foo']) {
    test(`that is none of OData's is ignored: ${query}`, async () => {
      const answer = await runstate().send('GET', `deviceShellScripts${query}`)
      assert.equal(answer.status, 200, answer.text)
    })
  }
})

describe('a public URL', () => {
  test('is the origin of contexts and locations, whatever the host that was asked', async () => {
    await using runstate = await startRunstate({ publicUrl: 'https://graph.contoso.com' })
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    const sending = { headers, body: shellFamily.creation }
    const created = await runstate.send('POST', shellFamily.set, sending)
    const root = 'https://graph.contoso.com/beta'
    assert.equal(
      created.body['@odata.context'],
      `${root}/$metadata#deviceManagement/deviceShellScripts/$entity`,
    )
    const location = created.headers.get('location') ?? ''
    assert(location.startsWith(`${root}/deviceManagement/deviceShellScripts`), location)
  })

  test('is not taken from forwarding headers', async () => {
    await using runstate = await startRunstate()
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    }
    const created = await runstate.send('POST', shellFamily.set, { headers, body: shellFamily.creation })
    assert.equal(created.status, 201)
    assert(!created.text.includes('evil'), created.text)
    assert(!String(created.headers.get('location')).includes('evil'))
  })
})
