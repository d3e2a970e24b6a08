import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from '#model/model.ts'
import { parsePath } from '#odata/odata.ts'
import { backendPath, backendQuery, routeTemplate } from './backend.ts'

const PREFIX = '/DeviceFE/StatelessDeviceFEService/deviceManagement'
const ROOT = '/beta/deviceManagement'

/** A path, the same as the service behind has it, and its template. */
const paths = [
  ['deviceShellScripts', 'deviceShellScripts', '~/singleton/navigation'],
  ['DEVICESHELLSCRIPTS/a', "deviceShellScripts('a')", '~/singleton/navigation/key'],
  ["deviceShellScripts('it''s')", "deviceShellScripts('it''s')", '~/singleton/navigation/key'],
  ['deviceShellScripts/a%20b', "deviceShellScripts('a%20b')", '~/singleton/navigation/key'],
  [
    'deviceShellScripts/a/userRunStates/b/deviceRunStates/$count',
    "deviceShellScripts('a')/userRunStates('b')/deviceRunStates/$count",
    '~/singleton/navigation/key/navigation/key/navigation/$count',
  ],
  [
    'deviceShellScripts/a/runSummary',
    "deviceShellScripts('a')/runSummary",
    '~/singleton/navigation/key/navigation',
  ],
  ['deviceShellScripts/a/assign', "deviceShellScripts('a')/assign", '~/singleton/navigation/key/action'],
  [
    'deviceManagementScripts/hasPayloadLinks',
    'deviceManagementScripts/hasPayloadLinks',
    '~/singleton/navigation/action',
  ],
] as const

describe('the path behind the gateway', () => {
  for (const [path, expected, template] of paths) {
    test(`of ${path}`, () => {
      const resource = parsePath(`${ROOT}/${path}`, model)
      assert.equal(backendPath(resource), `${PREFIX}/${expected}`)
      assert.equal(routeTemplate(resource), template)
    })
  }
})

describe('the query behind the gateway', () => {
  for (const [query, expected] of [
    ['', 'api-version=5025-05-19'],
    ['$top=5', 'api-version=5025-05-19&$top=5'],
    ["$filter=manufacturer%20in%20('HP')", 'api-version=5025-05-19&$filter=manufacturer+in+(%27HP%27)'],
    ['%24top=5&a=%ff', 'api-version=5025-05-19&$top=5&a=%EF%BF%BD'],
  ] as const) {
    test(`of '${query}'`, () => {
      assert.equal(backendQuery(query), expected)
    })
  }
})
