/**
 * The certificates of a local HTTPS server: a CA of this folder, made once, and the server's certificate under it.
 *
 * ca-key.pem holds the CA's key and certificate in one file, so that the two cannot disagree, and is created by link():
 * of processes that start at once on an empty folder, one makes the CA and the others read it. All other writes go
 * to a temporary file and are renamed. What was not made by Runstate is never overwritten.
 */
import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto'
import { chmod, link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP, isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { domainToASCII } from 'node:url'
import type { PemPair } from './certificate-factory.ts'

/** What `node:https` needs to serve, and a client to trust it; all but `caFile` are PEM. */
export interface Certificates {
  /** Absolute path of the file with the CA's certificate. */
  readonly caFile: string
  readonly ca: string
  readonly key: string
  readonly cert: string
}

interface Request {
  readonly hosts: readonly string[]
  readonly now: Date
}

interface Pair extends PemPair {
  readonly privateKey: KeyObject
  readonly certificate: X509Certificate
}

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1']
/** Where to listen, never who answers: no client verifies a certificate against these. */
const UNSPECIFIED = ['0.0.0.0', '::']
const RENEWAL_MS = 30 * 86_400_000
const SECRET = 0o600
const PUBLIC = 0o644
const MOVE_AWAY = 'move it to another folder or delete it, and a new one is made at the next start.'
const CA_NAME = 'Runstate local CA'

/**
 * Reads the certificates of a folder, making or renewing what is missing or near its end.
 *
 * They cover localhost, 127.0.0.1, ::1 and `hosts` (names or addresses; 0.0.0.0 and :: are passed over). A host beyond
 * the usual ones widens the name constraints of a CA made by this call; throws where an existing CA does not permit it,
 * and where a file holds anything but what was written here. `now` is wall time.
 */
export async function openCertificates(
  folder: string,
  options: { readonly hosts: readonly string[]; readonly now: Date },
): Promise<Certificates> {
  const hosts = [...new Set([...LOCAL_HOSTS, ...options.hosts.map(parseHost)])]
  const request = { hosts: hosts.filter((host) => !UNSPECIFIED.includes(host)), now: options.now }
  const ca = await openCa(resolve(folder, 'ca-key.pem'), request)
  const caFile = resolve(folder, 'ca.pem')
  await publishCa(caFile, ca)
  const leaf = await openLeaf(folder, ca, request)
  return { caFile, ca: ca.cert, key: leaf.key, cert: leaf.cert }
}

/** A host as certificates spell it: lower case, A-labels, addresses in canonical form and without a zone. */
function parseHost(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  if (isIPv6(bare)) return new URL(`https://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const host = /[/?#\\%]/.test(bare) ? '' : domainToASCII(bare)
  if (!/^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(host)) {
    throw new Error(
      `${JSON.stringify(text)} is no host name or IP address: give one without scheme, port or wildcard.`,
    )
  }
  return host
}

async function openCa(file: string, request: Request): Promise<Pair> {
  const text = await readText(file)
  if (text !== undefined) {
    const ca = parseCa(file, text)
    if (!isEnding(ca.certificate, request.now)) return ca
    await replaceCa(file, text, request)
  } else {
    await createFile(file, await mintCaText(request))
  }
  // Read again, also what was just written: the CA of the folder is the one that all processes find there.
  return await openCa(file, request)
}

function parseCa(file: string, text: string): Pair {
  const ca = parsePair(file, text)
  const { certificate } = ca
  const isWhole = certificate.ca && certificate.verify(certificate.publicKey)
  if (isWhole && isOurs(certificate.subject) && certificate.checkPrivateKey(ca.privateKey)) return ca
  throw new Error(`${file} holds another key or certificate than Runstate made: ${MOVE_AWAY}`)
}

/**
 * Replaces a CA near its end by a successor in a file of one fixed name, so that all who replace it at once agree on
 * one, and whoever finds a successor left by a crash finishes the work.
 */
async function replaceCa(file: string, ending: string, request: Request): Promise<void> {
  const successor = `${file}.next`
  await createFile(successor, await mintCaText(request))
  if ((await readText(file)) !== ending) {
    await rm(successor, { force: true })
    return
  }
  await rename(successor, file).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
}

async function mintCaText(request: Request): Promise<string> {
  const { mintCa } = await import('./certificate-factory.ts')
  return formatPair(await mintCa({ name: CA_NAME, ...request }))
}

/** Keeps the CA's certificate in a file of its own, for clients to trust. */
async function publishCa(file: string, ca: Pair): Promise<void> {
  const text = await readText(file)
  if (text === ca.cert) return
  if (text !== undefined) assertOurs(file, parseCertificate(file, text))
  await replaceFile(file, ca.cert, PUBLIC)
}

async function openLeaf(folder: string, ca: Pair, request: Request): Promise<PemPair> {
  const file = resolve(folder, 'server.pem')
  const text = await readText(file)
  if (text !== undefined) {
    const leaf = parsePair(file, text)
    assertOurs(file, leaf.certificate)
    if (isUsable(leaf, ca, request)) return leaf
  }
  const { findForbiddenHost, mintLeaf } = await import('./certificate-factory.ts')
  const forbidden = findForbiddenHost(ca.cert, request.hosts)
  if (forbidden !== undefined) {
    throw new Error(
      `The local CA in ${folder} does not permit the host ${forbidden}: delete ca-key.pem and ca.pem there, so that ` +
        'a CA which permits it is made (and must be trusted anew), or put a TLS proxy of your own before the server.',
    )
  }
  const minted = await mintLeaf({ ca, ...request })
  await replaceFile(file, formatPair(minted), SECRET)
  return minted
}

function isUsable(leaf: Pair, ca: Pair, request: Request): boolean {
  const { certificate } = leaf
  return (
    certificate.validFromDate <= request.now &&
    !isEnding(certificate, request.now) &&
    certificate.checkIssued(ca.certificate) &&
    certificate.verify(ca.certificate.publicKey) &&
    certificate.checkPrivateKey(leaf.privateKey) &&
    request.hosts.every((host) => covers(certificate, host))
  )
}

function covers(certificate: X509Certificate, host: string): boolean {
  const found =
    isIP(host) === 0 ? certificate.checkHost(host, { subject: 'never' }) : certificate.checkIP(host)
  return found !== undefined
}

function isEnding(certificate: X509Certificate, now: Date): boolean {
  return certificate.validToDate.getTime() - now.getTime() < RENEWAL_MS
}

/** Throws unless a certificate was issued by a CA of Runstate's, so that nobody's own file is overwritten. */
function assertOurs(file: string, certificate: X509Certificate): void {
  if (isOurs(certificate.issuer)) return
  throw new Error(`${file} holds a certificate that Runstate did not make: ${MOVE_AWAY}`)
}

/** Says whether a subject or issuer is a CA of Runstate's, of this folder or of another. */
function isOurs(name: string): boolean {
  return name.startsWith(`CN=${CA_NAME} `)
}

function formatPair(pair: PemPair): string {
  return pair.key + pair.cert
}

function parsePair(file: string, text: string): Pair {
  const key = findPem(file, text, 'PRIVATE KEY')
  const certificate = parseCertificate(file, text)
  try {
    return { key, cert: findPem(file, text, 'CERTIFICATE'), privateKey: createPrivateKey(key), certificate }
  } catch (cause) {
    throw new Error(`${file} holds a private key that cannot be read: ${MOVE_AWAY}`, { cause })
  }
}

function parseCertificate(file: string, text: string): X509Certificate {
  const pem = findPem(file, text, 'CERTIFICATE')
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new Error(`${file} holds a certificate that cannot be read: ${MOVE_AWAY}`, { cause })
  }
}

/** Finds the only block of a label in a PEM text, and ends it with a line feed. */
function findPem(file: string, text: string, label: 'PRIVATE KEY' | 'CERTIFICATE'): string {
  const blocks = text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? []
  const [block] = blocks
  if (block !== undefined && blocks.length === 1) return `${block}\n`
  throw new Error(`${file} does not hold one ${label} block of PEM: ${MOVE_AWAY}`)
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined
    throw new Error(`${file} cannot be read: give this user the right to read it, or ${MOVE_AWAY}`, { cause })
  }
}

/** Creates a secret file, unless it exists. */
async function createFile(file: string, text: string): Promise<void> {
  await withTemporary({ file, text, mode: SECRET }, async (temporary) => {
    await link(temporary, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  })
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  await withTemporary({ file, text, mode }, (temporary) => rename(temporary, file))
}

async function withTemporary(
  target: { readonly file: string; readonly text: string; readonly mode: number },
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${target.file}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, target.text, { flag: 'wx', mode: target.mode, flush: true })
    // The umask may have taken from the mode.
    await chmod(temporary, target.mode)
    await place(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
