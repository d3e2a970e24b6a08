import type { HttpResponse } from '#base/base.ts'
import { SCHEMA_DATE } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { assertMethod, type HomeFacts, type Route } from './route.ts'

/** `/`: what this is, and lines to copy that work against this server. */
export const homeRoute: Route = {
  pattern: /^\/$/,
  answer: async (request, _groups, { home }) => {
    assertMethod(request, 'GET')
    return { response: page(formatHome(request.origin, home())) }
  },
}

/** `/.runstate/ca.pem`: the certificate that clients need to trust; it holds no secret. */
export const caRoute: Route = {
  pattern: /^\/\.runstate\/ca\.pem$/,
  answer: async (request, _groups, { home }) => {
    assertMethod(request, 'GET')
    const { ca } = home()
    if (ca === undefined)
      throw new ODataError('ResourceNotFound', 'There is no CA: this server does not listen.')
    const headers = {
      'content-type': 'application/x-pem-file',
      'content-disposition': 'attachment; filename="runstate-ca.pem"',
    }
    return { response: { status: 200, headers, body: ca } }
  },
}

/** Nothing on the page runs, and nothing is fetched from anywhere. */
function page(html: string): HttpResponse {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-cache',
  }
  return { status: 200, headers, body: html }
}

function formatHome(origin: string, facts: HomeFacts): string {
  const rows = [
    ['API', `${origin}/beta/deviceManagement`],
    ['token endpoint', `${origin}/${facts.tenant}/oauth2/v2.0/token`],
    ['tenant', facts.tenant],
    ['client id', facts.clientId],
    ['client secret', facts.clientSecret ?? 'as given at start'],
    ['profile, cloud', `${facts.profile}, ${facts.cloud}`],
  ].map(
    ([name = '', value = '']) =>
      `<tr><th>${escapeHtml(name)}</th><td><code>${escapeHtml(value)}</code></td></tr>`,
  )
  const snippets = snippetsFor(origin, facts).map(
    ([name, code]) => `<h2>${escapeHtml(name)}</h2>\n<pre>${escapeHtml(code)}</pre>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runstate</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 3rem auto; padding: 0 1rem; color: #1b1b1f; background: #fff }
th { text-align: left; font-weight: 500; padding-right: 2rem; white-space: nowrap; vertical-align: top }
pre { background: #f3f3f7; padding: 1rem; overflow-x: auto; border-radius: 6px } code, pre { font: 14px/1.5 ui-monospace, monospace }
td code { overflow-wrap: anywhere } .note { border-left: 4px solid #b36b00; padding-left: 1rem }
@media (prefers-color-scheme: dark) { body { color: #e4e4ea; background: #17171b } pre { background: #232329 } a { color: #9db8ff } }
</style>
<h1>Runstate</h1>
<p>Intune's device-scripts API, on this machine: an independent server, compatible with a part of Microsoft Graph beta.</p>
<p class="note"><strong>Important:</strong> APIs under the <code>/beta</code> version of Microsoft Graph are subject to change; their
use in production is not supported. This server follows the schema of ${SCHEMA_DATE}.</p>
<table>
${rows.join('\n')}
</table>
<p>Clients need to trust this server's <a href="/.runstate/ca.pem">CA certificate</a>. It can sign for this machine and for the
Graph and login hosts only.</p>
${snippets.join('\n')}
<p>For generators and importers: <a href="/openapi.json">OpenAPI</a> and <a href="/beta/$metadata">CSDL</a>.</p>
<p>Runstate is neither made nor endorsed by Microsoft. "Microsoft", "Intune" and "Graph" are trademarks of the Microsoft group of
companies.</p>
</html>
`
}

function snippetsFor(
  origin: string,
  { url, tenant, clientId, clientSecret }: HomeFacts,
): readonly [string, string][] {
  const secret = clientSecret ?? '$RUNSTATE_CLIENT_SECRET'
  const token = `${origin}/${tenant}/oauth2/v2.0/token`
  const scripts = `${origin}/beta/deviceManagement/deviceShellScripts`
  return [
    [
      'curl',
      `curl -so runstate-ca.pem --insecure ${origin}/.runstate/ca.pem
TOKEN=$(curl -s --cacert runstate-ca.pem ${token} -d grant_type=client_credentials \\
  -d client_id=${clientId} -d client_secret=${secret} -d scope=${origin}/.default | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl --cacert runstate-ca.pem -H "Authorization: Bearer $TOKEN" ${scripts}`,
    ],
    [
      'PowerShell 7',
      `$body = @{ grant_type = 'client_credentials'; client_id = '${clientId}'; client_secret = '${secret}'; scope = '${origin}/.default' }
$token = (Invoke-RestMethod -SkipCertificateCheck -Method Post -Uri '${token}' -Body $body).access_token
Invoke-RestMethod -SkipCertificateCheck -Headers @{ Authorization = "Bearer $token" } -Uri '${scripts}'`,
    ],
    [
      '@microsoft/microsoft-graph-client, with NODE_EXTRA_CA_CERTS=runstate-ca.pem',
      `const credential = new ClientSecretCredential('${tenant}', '${clientId}', '${secret}',
  { authorityHost: '${url}', disableInstanceDiscovery: true })
const client = Client.initWithMiddleware({
  baseUrl: '${url}', defaultVersion: 'beta', customHosts: new Set(['${new URL(url).hostname}']),
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: ['${url}/.default'] }),
})
await client.api('/deviceManagement/deviceShellScripts').get()`,
    ],
  ]
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
