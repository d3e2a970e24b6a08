import 'reflect-metadata'
import { createPrivateKey, KeyObject, randomBytes, type webcrypto } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'

/** A private key (PKCS #8) and its certificate, both PEM. */
export interface PemPair {
  readonly key: string
  readonly cert: string
}

/**
 * What every CA may sign: the loopback names and addresses, and the hosts of Microsoft Graph and of the login service
 * which `exec` answers for. Whoever trusts the CA is safe from it everywhere else.
 */
const PERMITTED = [
  'localhost',
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  '127.0.0.0/8',
  '::1/128',
]

const CA_YEARS = 10
const LEAF_DAYS = 397
const DAY_MS = 86_400_000
/** Certificates begin this much before `now`, for clients whose clock is behind. */
const BACKDATED_MS = 3_600_000

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Makes a CA confined by critical name constraints; hosts outside the usual ones widen them.
 *
 * Its common name is `name` and a random suffix, which tells one CA from another in a list of trusted ones.
 */
export async function mintCa(options: {
  readonly name: string
  readonly hosts: readonly string[]
  readonly now: Date
}): Promise<PemPair> {
  const keys = await createKeys()
  const notBefore = new Date(options.now.getTime() - BACKDATED_MS)
  const notAfter = new Date(notBefore)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + CA_YEARS)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${options.name} ${randomBytes(4).toString('hex')}`] }],
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      createNameConstraints(options.hosts),
    ],
  })
  return formatPair(keys, certificate)
}

/**
 * Makes a server certificate signed by a CA.
 *
 * Names the CA does not permit are signed all the same, and then refused by TLS clients: ask `findForbiddenHost` first.
 */
export async function mintLeaf(options: {
  readonly ca: PemPair
  readonly hosts: readonly string[]
  readonly now: Date
}): Promise<PemPair> {
  const ca = new x509.X509Certificate(options.ca.cert)
  const keys = await createKeys()
  const notBefore = new Date(options.now.getTime() - BACKDATED_MS)
  const notAfter = new Date(Math.min(notBefore.getTime() + LEAF_DAYS * DAY_MS, ca.notAfter.getTime()))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: ['localhost'] }],
    issuer: ca.subjectName,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(options.ca.key).toCryptoKey(ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        options.hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  })
  return formatPair(keys, certificate)
}

/** Finds the first host which the name constraints of a CA (PEM) do not permit. */
export function findForbiddenHost(ca: string, hosts: readonly string[]): string | undefined {
  const extension = new x509.X509Certificate(ca).getExtension(id_ce_nameConstraints)
  const constraints = extension === null ? undefined : AsnConvert.parse(extension.value, NameConstraints)
  const permitted = (constraints?.permittedSubtrees ?? []).flatMap(
    ({ base }) => base.dNSName ?? base.iPAddress ?? [],
  )
  return hosts.find((host) => !isPermitted(host, permitted))
}

/** Says whether a host lies in one of the subtrees, each a name (itself and all below) or `address/prefix`. */
function isPermitted(host: string, permitted: readonly string[]): boolean {
  const version = isIP(host)
  if (version === 0) return permitted.some((name) => host === name || host.endsWith(`.${name}`))
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const addresses = new BlockList()
  for (const subtree of permitted) {
    const [address = '', prefix] = subtree.split('/')
    // One family only: a BlockList finds ::ffff:127.0.0.1 in 127.0.0.0/8, X.509 does not.
    if (isIP(address) === version) addresses.addSubnet(address, Number(prefix), family)
  }
  return addresses.check(host, family)
}

function createNameConstraints(hosts: readonly string[]): x509.Extension {
  const wider = hosts.filter((host) => !isPermitted(host, PERMITTED))
  const names = [...PERMITTED, ...wider.map(formatSubtree)]
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(
      names.map((name) => {
        const base = new GeneralName(name.includes('/') ? { iPAddress: name } : { dNSName: name })
        return new GeneralSubtree({ base })
      }),
    ),
  })
  return new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints))
}

function formatSubtree(host: string): string {
  const version = isIP(host)
  if (version === 0) return host
  return `${host}/${version === 4 ? 32 : 128}`
}

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function formatPair(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate): PemPair {
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return { key, cert: `${certificate.toString('pem')}\n` }
}
