import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:https'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { findForbiddenHost, mintCa, mintLeaf, type PemPair } from './certificate-factory.ts'
import { openCertificates } from './certificates.ts'

const DAY_MS = 86_400_000
const FILES = ['ca-key.pem', 'ca.pem', 'server.pem']
const NAME = 'Runstate local CA'
const now = new Date()
const hasIpv6Loopback = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
const hasOpenssl = process.env['CI'] === 'true' || spawnSync('openssl', ['version']).status === 0

async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'runstate-certificates-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

function later(days: number): Date {
  return new Date(now.getTime() + days * DAY_MS)
}

async function readFiles(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  )
}

/** Serves one answer with a certificate and says what a client that trusts the CA gets on `host`. */
async function fetchBody(
  pair: PemPair,
  client: { ca: string; host: string; servername?: string },
): Promise<string> {
  await using server = createServer({ key: pair.key, cert: pair.cert }, (_request, response) =>
    response.end('hello'),
  )
  server.listen(0, client.host)
  await once(server, 'listening')
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  const request = get({ ...client, port: address.port, agent: false })
  const [response] = await once(request, 'response')
  return await text(response)
}

for (const host of ['localhost', '127.0.0.1', '::1']) {
  test(`a client that trusts only the CA reads from ${host}`, {
    skip: host === '::1' && !hasIpv6Loopback && 'no IPv6 loopback here',
  }, async (t) => {
    const certificates = await openCertificates(await createFolder(t), { hosts: [], now })
    assert.equal(await readFile(certificates.caFile, 'utf8'), certificates.ca)
    assert.equal(await fetchBody(certificates, { ca: certificates.ca, host }), 'hello')
    await assert.rejects(fetchBody(certificates, { ca: certificates.cert, host }), {
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    })
  })
}

test('a Graph host in hosts is served', async (t) => {
  const { ca, ...pair } = await openCertificates(await createFolder(t), {
    hosts: ['graph.microsoft.com'],
    now,
  })
  assert.equal(await fetchBody(pair, { ca, host: '127.0.0.1', servername: 'graph.microsoft.com' }), 'hello')
})

test('openssl finds chain, purpose and form of the certificates in order', {
  skip: !hasOpenssl && 'no openssl here',
}, async (t) => {
  const folder = await createFolder(t)
  await openCertificates(folder, { hosts: [], now })
  const [caFile, leafFile] = [join(folder, 'ca.pem'), join(folder, 'server.pem')]
  const checks = ['-x509_strict', '-check_ss_sig', '-purpose', 'sslserver', '-verify_hostname', 'localhost']
  const verify = spawnSync('openssl', ['verify', ...checks, '-CAfile', caFile, leafFile], {
    encoding: 'utf8',
  })
  assert.deepEqual([verify.stdout, verify.stderr], [`${leafFile}: OK\n`, ''])
  const printed = spawnSync('openssl', ['x509', '-in', caFile, '-noout', '-text'], {
    encoding: 'utf8',
  }).stdout
  assert.match(printed, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/)
  assert.match(printed, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  assert.match(printed, /X509v3 Name Constraints: critical\s+Permitted:\s+DNS:localhost\n/)
  assert.match(printed, /IP:127\.0\.0\.0\/255\.0\.0\.0\n/)
})

test('the CA lives ten years and the server certificate 397 days, but never longer than the CA', async (t) => {
  const folder = await createFolder(t)
  const { ca, cert } = await openCertificates(folder, { hosts: [], now })
  const [authority, leaf] = [new X509Certificate(ca), new X509Certificate(cert)]
  assert.match(authority.subject, /^CN=Runstate local CA [0-9a-f]{8}$/)
  assert.equal(authority.validToDate.getUTCFullYear() - authority.validFromDate.getUTCFullYear(), 10)
  assert.equal(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), 397 * DAY_MS)
  const last = await openCertificates(folder, { hosts: [], now: later(3600) })
  assert.equal(last.ca, ca)
  assert.equal(new X509Certificate(last.cert).validTo, authority.validTo)
})

for (const host of ['evil.example', 'notlocalhost', '10.0.0.1', '128.0.0.1', '::2']) {
  test(`a certificate of the CA for ${host} is refused by clients`, async (t) => {
    const folder = await createFolder(t)
    const { ca } = await openCertificates(folder, { hosts: [], now })
    const caKey = await readFile(join(folder, 'ca-key.pem'), 'utf8')
    const evil = await mintLeaf({ ca: { key: caKey, cert: ca }, hosts: ['localhost', host], now })
    await assert.rejects(fetchBody(evil, { ca, host: 'localhost' }), /permitted subtree violation/)
    assert.equal(findForbiddenHost(ca, ['localhost', host]), host)

    const wide = await mintCa({ name: NAME, hosts: [host], now })
    const fair = await mintLeaf({ ca: wide, hosts: ['localhost', host], now })
    assert.equal(await fetchBody(fair, { ca: wide.cert, host: 'localhost' }), 'hello')
    assert.equal(findForbiddenHost(wide.cert, [host]), undefined)
  })
}

test('keys are readable by their owner only, the CA certificate by all, whatever the umask', async (t) => {
  const previous = process.umask(0o077)
  t.after(() => process.umask(previous))
  const folder = await createFolder(t)
  await openCertificates(folder, { hosts: [], now })
  assert.deepEqual((await readdir(folder)).sort(), FILES)
  const modes = await Promise.all(FILES.map(async (name) => (await stat(join(folder, name))).mode & 0o777))
  assert.deepEqual(modes, [0o600, 0o644, 0o600])
})

const source = JSON.stringify(new URL('./certificates.ts', import.meta.url).href)

test('a second start reads the same certificates and does not load @peculiar/x509', async (t) => {
  const folder = await createFolder(t)
  const hosts = ['runstate.lan']
  const first = await openCertificates(folder, { hosts, now })
  const files = await readFiles(folder)
  assert.deepEqual(await openCertificates(folder, { hosts, now: later(300) }), first)
  assert.deepEqual(await openCertificates(folder, { hosts: [], now }), first)
  assert.deepEqual(await readFiles(folder), files)

  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier.startsWith('@peculiar')) throw new Error('loads ' + specifier)
        return next(specifier, context)
      },
    })
    const { openCertificates } = await import(${source})
    const now = new Date(${now.getTime()})
    const { cert } = await openCertificates(process.argv[1], { hosts: ['runstate.lan'], now })
    process.stdout.write(cert)`
  const run = (where: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script, where], { encoding: 'utf8' })
  assert.equal(run(folder).stdout, first.cert)
  assert.match(run(await createFolder(t)).stderr, /loads @peculiar/)
})

test('a lost ca.pem is written again', async (t) => {
  const folder = await createFolder(t)
  const first = await openCertificates(folder, { hosts: [], now })
  await unlink(first.caFile)
  assert.deepEqual(await openCertificates(folder, { hosts: [], now }), first)
  assert.equal(await readFile(first.caFile, 'utf8'), first.ca)
})

test('a server certificate within 30 days of its end is renewed under the same CA', async (t) => {
  const folder = await createFolder(t)
  const first = await openCertificates(folder, { hosts: [], now })
  assert.deepEqual(await openCertificates(folder, { hosts: [], now: later(366) }), first)
  const renewed = await openCertificates(folder, { hosts: [], now: later(368) })
  assert.equal(renewed.ca, first.ca)
  assert.notEqual(renewed.key, first.key)
  assert.deepEqual(await openCertificates(folder, { hosts: [], now: later(368) }), renewed)
  assert.deepEqual((await readdir(folder)).sort(), FILES)
})

test('a server certificate of another CA, with another key or with a broken signature is renewed', async (t) => {
  const folder = await createFolder(t)
  const other = await openCertificates(await createFolder(t), { hosts: [], now })
  const { ca, key, cert } = await openCertificates(folder, { hosts: [], now })
  const der = new X509Certificate(cert).raw
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1)
  const forged = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
  for (const wrong of [other.key + other.cert, other.key + cert, key + other.cert, key + forged]) {
    await writeFile(join(folder, 'server.pem'), wrong)
    const renewed = await openCertificates(folder, { hosts: [], now })
    assert.equal(renewed.ca, ca)
    assert.equal(await fetchBody(renewed, { ca, host: 'localhost' }), 'hello')
  }
})

test('a CA within 30 days of its end is replaced with its leaf, by one and the same for all', async (t) => {
  const folder = await createFolder(t)
  const first = await openCertificates(folder, { hosts: [], now })
  const at = later(3630)
  const all = await Promise.all(
    Array.from({ length: 6 }, () => openCertificates(folder, { hosts: [], now: at })),
  )
  assert.equal(new Set(all.map(({ ca }) => ca)).size, 1)
  const next = await openCertificates(folder, { hosts: [], now: at })
  assert.equal(next.ca, all[0]?.ca)
  assert.notEqual(next.ca, first.ca)
  assert(new X509Certificate(next.cert).verify(new X509Certificate(next.ca).publicKey))
  assert.deepEqual((await readdir(folder)).sort(), FILES)
})

test('a successor left by a crash is taken over', async (t) => {
  const folder = await createFolder(t)
  await openCertificates(folder, { hosts: [], now })
  const at = later(3630)
  const successor = await mintCa({ name: NAME, hosts: [], now: at })
  await writeFile(join(folder, 'ca-key.pem.next'), successor.key + successor.cert)
  assert.equal((await openCertificates(folder, { hosts: [], now: at })).ca, successor.cert)
  assert.deepEqual((await readdir(folder)).sort(), FILES)
})

for (const name of FILES) {
  test(`a ${name} that Runstate did not write is refused and left untouched`, async (t) => {
    const folder = await createFolder(t)
    await openCertificates(folder, { hosts: [], now })
    const written = (await readFiles(folder))[name] ?? ''
    const foreign = await mintCa({ name: 'Another CA', hosts: [], now })
    const broken = written.replace(/(BEGIN [A-Z ]+-----\n.{20}).{20}/g, '$1AAAAAAAAAAAAAAAAAAAA')
    for (const wrong of [
      '',
      'x',
      written.slice(0, -40),
      written + written,
      broken,
      foreign.key + foreign.cert,
    ]) {
      await writeFile(join(folder, name), wrong)
      const before = await readFiles(folder)
      await assert.rejects(openCertificates(folder, { hosts: [], now }), (error) => {
        assert(error instanceof Error)
        assert(
          error.message.startsWith(`${join(folder, name)} `) && error.message.includes('delete'),
          error.message,
        )
        return true
      })
      assert.deepEqual(await readFiles(folder), before)
    }
  })
}

test("a CA key beside another CA's certificate is refused", async (t) => {
  const [folder, other] = [await createFolder(t), await createFolder(t)]
  const { ca } = await openCertificates(folder, { hosts: [], now })
  await openCertificates(other, { hosts: [], now })
  const file = join(other, 'ca-key.pem')
  const mixed = (await readFile(file, 'utf8')).replace(/-----BEGIN CERTIFICATE[\s\S]*/, ca)
  await writeFile(file, mixed)
  await assert.rejects(
    openCertificates(other, { hosts: [], now }),
    /ca-key\.pem holds another key or certificate/,
  )
  assert.equal(await readFile(file, 'utf8'), mixed)
})

test('a CA key that cannot be read is refused by name', async (t) => {
  const folder = await createFolder(t)
  await mkdir(join(folder, 'ca-key.pem'))
  await assert.rejects(
    openCertificates(folder, { hosts: [], now }),
    /ca-key\.pem cannot be read: give this user/,
  )
  assert.deepEqual(await readdir(folder), ['ca-key.pem'])
})

/** Starts a process which has loaded everything, waits for a line and then opens the certificates of a folder. */
function startOpener(folder: string): ChildProcess {
  const script = `
    import { openCertificates } from ${source}
    import ${source.replace('certificates.ts', 'certificate-factory.ts')}
    process.stdout.write('ready')
    process.stdin.once('data', async () => {
      const certificates = await openCertificates(process.argv[1], { hosts: [], now: new Date(${now.getTime()}) })
      process.stdout.end(JSON.stringify(certificates))
      process.stdin.destroy()
    })`
  return spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

async function openTogether(folder: string, count: number): Promise<readonly unknown[]> {
  const openers = Array.from({ length: count }, () => startOpener(folder))
  await Promise.all(openers.map(({ stdout }) => stdout !== null && once(stdout, 'data')))
  for (const { stdin } of openers) stdin?.write('go')
  const outputs = await Promise.all(openers.map(({ stdout }) => (stdout === null ? '{}' : text(stdout))))
  return outputs.map((output) => JSON.parse(output).ca)
}

test('processes that start at once on an empty folder get one CA', async (t) => {
  for (let round = 0; round < 4; round++) {
    const folder = await createFolder(t)
    const all = await openTogether(folder, 4)
    assert.deepEqual((await readdir(folder)).sort(), FILES)
    const { ca, cert, key } = await openCertificates(folder, { hosts: [], now })
    assert.deepEqual(all, [ca, ca, ca, ca])
    assert.equal(await fetchBody({ cert, key }, { ca, host: 'localhost' }), 'hello')
  }
})

test('calls at once within a process get one CA', async (t) => {
  for (let round = 0; round < 10; round++) {
    const folder = await createFolder(t)
    const all = await Promise.all(
      Array.from({ length: 8 }, () => openCertificates(folder, { hosts: [], now })),
    )
    assert.equal(new Set(all.map(({ ca }) => ca)).size, 1)
    assert.deepEqual((await readdir(folder)).sort(), FILES)
  }
})

test('a host beyond the usual ones widens the constraints of a new CA to that host', async (t) => {
  const hosts = ['MyHost.lan.', '10.1.2.3', '[FD00::1]', 'fe80::1%eth0', 'my_service']
  const { ca, ...pair } = await openCertificates(await createFolder(t), { hosts, now })
  const leaf = new X509Certificate(pair.cert)
  assert.equal(leaf.checkHost('myhost.lan'), 'myhost.lan')
  assert.equal(leaf.checkHost('my_service'), 'my_service')
  assert.equal(leaf.checkIP('10.1.2.3'), '10.1.2.3')
  assert.equal(leaf.checkIP('fd00::1'), 'fd00::1')
  assert.equal(leaf.checkIP('fe80::1'), 'fe80::1')
  assert.equal(await fetchBody(pair, { ca, host: '127.0.0.1', servername: 'myhost.lan' }), 'hello')
  for (const other of ['other.lan', '10.1.2.4', 'fd00::2'])
    assert.equal(findForbiddenHost(ca, [other]), other)
})

test('a host which an existing CA does not permit is an error that says what to do, and changes no file', async (t) => {
  const folder = await createFolder(t)
  await openCertificates(folder, { hosts: [], now })
  const before = await readFiles(folder)
  await assert.rejects(
    openCertificates(folder, { hosts: ['localhost', 'myhost.lan'], now }),
    /does not permit the host myhost\.lan: delete ca-key\.pem and ca\.pem there/,
  )
  assert.deepEqual(await readFiles(folder), before)

  await Promise.all(['ca-key.pem', 'ca.pem'].map((name) => unlink(join(folder, name))))
  const { ca, ...pair } = await openCertificates(folder, { hosts: ['myhost.lan'], now })
  assert.equal(await fetchBody(pair, { ca, host: '127.0.0.1', servername: 'myhost.lan' }), 'hello')
})

test('a permitted host which the server certificate lacks renews only that', async (t) => {
  const folder = await createFolder(t)
  const first = await openCertificates(folder, { hosts: [], now })
  const second = await openCertificates(folder, { hosts: ['runstate.localhost', '127.9.9.9'], now })
  assert.equal(second.ca, first.ca)
  assert.equal(
    new X509Certificate(second.cert).subjectAltName,
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:runstate.localhost, IP Address:127.9.9.9',
  )
})

test('addresses that mean all interfaces are passed over', async (t) => {
  const folder = await createFolder(t)
  const first = await openCertificates(folder, { hosts: ['0.0.0.0', '::', '[::]'], now })
  assert.deepEqual(await openCertificates(folder, { hosts: [], now }), first)
  assert.doesNotMatch(new X509Certificate(first.cert).subjectAltName ?? '', /0\.0\.0\.0/)
  assert.equal(findForbiddenHost(first.ca, ['0.0.0.0']), '0.0.0.0')
})

for (const host of [
  '',
  'a b',
  'https://a.lan',
  'a.lan/x',
  'a.lan:80',
  '*.a.lan',
  'u@a.lan',
  'a..lan',
  'ab%63',
]) {
  test(`${JSON.stringify(host)} is no host`, async (t) => {
    const folder = await createFolder(t)
    await assert.rejects(openCertificates(folder, { hosts: [host], now }), /is no host name or IP address/)
    assert.deepEqual(await readdir(folder), [])
  })
}
