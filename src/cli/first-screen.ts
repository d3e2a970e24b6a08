import type { ListeningServer, RunstateServer } from '#server.ts'

/** What a person sees when the server is up: where it is, how to be its client, and a line that works. */
export function formatFirstScreen({ config }: RunstateServer, { url, httpUrl, ca }: ListeningServer): string {
  const { tenant, clientId, clientSecret, profile, cloud, isDevelopment, data } = config
  const secret = isDevelopment ? clientSecret : 'as given'
  const folder = data === '.runstate' ? '' : ` --data ${shellWord(data)}`
  return `
  Runstate is serving   ${url}/beta/deviceManagement
                        ${httpUrl}/beta/deviceManagement

  tenant                ${tenant}
  client id             ${clientId}
  client secret         ${secret}
  CA certificate        ${ca}
  profile, cloud        ${profile}, ${cloud}

  Try it:
    curl --cacert ${shellWord(ca)} -H "Authorization: Bearer $(npx runstate token${folder})" ${url}/beta/deviceManagement/deviceShellScripts

  Ctrl-C stops it.

`
}

/** A text as one word of a shell, in single quotes where it needs them. */
function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
