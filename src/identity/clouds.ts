/** The national clouds: what a client's tokens are for, and who signs in there. */
export const clouds = {
  global: { graph: 'https://graph.microsoft.com', login: 'https://login.microsoftonline.com' },
  usgov: { graph: 'https://graph.microsoft.us', login: 'https://login.microsoftonline.us' },
  dod: { graph: 'https://dod-graph.microsoft.us', login: 'https://login.microsoftonline.us' },
  china: { graph: 'https://microsoftgraph.chinacloudapi.cn', login: 'https://login.chinacloudapi.cn' },
} as const satisfies Record<string, { readonly graph: string; readonly login: string }>

export type Cloud = keyof typeof clouds

/** The application id of Graph itself, which is the same in every cloud. */
export const GRAPH_APPLICATION = '00000003-0000-0000-c000-000000000000'

/** The tenant in which personal Microsoft accounts live; Intune serves none of them. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
