/** The row `error-shape`: JSON in the message where the service behind the gateway refuses, a sentence elsewhere. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, errorOf, startRunstate } from '../support/runstate.ts'
import { assertRefused, createScript, shellFamily, useRunstate } from './families.ts'
import { configsWith } from './quirks.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const ID = 'c1c1c1c1-0000-4000-8000-00000000c1c1'
const ZEROS = '00000000-0000-0000-0000-000000000000'
const SET = 'deviceShellScripts'

/** The recorded text around a sentence, with the path that the service behind the gateway would see. */
function recorded(sentence: string, path: string, origin: string): string {
  const message = `${sentence} - Operation ID (for customer support): ${ZEROS} - Activity ID: ${ID} - Url: ${origin}/DeviceFE/StatelessDeviceFEService/deviceManagement/${path}`
  return [
    '{',
    '  "_version": 3,',
    `  "Message": ${JSON.stringify(message)},`,
    '  "CustomApiErrorPhrase": "",',
    '  "RetryAfter": null,',
    '  "ErrorSourceService": "",',
    '  "HttpHeaders": "{}"',
    '}',
  ].join('\r\n')
}

/** The origin that an answer names in its own URL. */
function originIn(answer: Answer): string {
  const [, origin = ''] = / - Url: (https?:\/\/[^/]+)\//.exec(errorOf(answer).message) ?? []
  assert.doesNotMatch(origin, /microsoft/)
  return origin
}

/** What names a request, as clients do. */
const named = { headers: { 'client-request-id': ID } }

function assertWrapped(answer: Answer, sentence: string, path: string): void {
  assert.equal(errorOf(answer).message, recorded(sentence, path, originIn(answer)))
}

for (const { name, config } of configsWith('error-shape', 'wrapped')) {
  describe(`errors as recorded: ${name}`, () => {
    const runstate = useRunstate(config)

    test('a 404 of an entity says nothing but that there was an error, and where', async () => {
      const answer = await runstate().send('GET', `${SET}/${UNKNOWN}`, named)
      assertRefused(answer, 404, 'ResourceNotFound')
      assertWrapped(answer, 'An error has occurred', `${SET}('${UNKNOWN}')?api-version=5025-05-19`)
    })

    test('the options stand after the version, form-encoded', async () => {
      const path = `${SET}/${UNKNOWN}/deviceRunStates`
      const answer = await runstate().send('GET', `${path}?$select=id,runState&$top=5`, named)
      const query = 'api-version=5025-05-19&$select=id%2CrunState&$top=5'
      assertWrapped(answer, 'An error has occurred', `${SET}('${UNKNOWN}')/deviceRunStates?${query}`)
    })

    test('a quote in a key is doubled, as in any literal of OData', async () => {
      const answer = await runstate().send('GET', `${SET}/it's`, named)
      assertWrapped(answer, 'An error has occurred', `${SET}('it''s')?api-version=5025-05-19`)
    })

    test('a 403 names the scopes, of an application and of a user', async () => {
      const scopes = 'DeviceManagementScripts.Read.All, DeviceManagementScripts.ReadWrite.All'
      for (const [who, options] of [
        ['Application', { roles: ['Directory.Read.All'] }],
        ['User', { scopes: ['User.Read'], user: 'admin@contoso.com' }],
      ] as const) {
        const token = await runstate().token(options)
        const answer = await runstate().send('GET', SET, { ...named, token })
        assertRefused(answer, 403, 'Forbidden')
        const sentence = `${who} is not authorized to perform this operation. ${who} must have one of the following scopes: ${scopes}`
        assertWrapped(answer, sentence, `${SET}?api-version=5025-05-19`)
      }
    })
  })

  describe(`sentences in the recorded shape, and without it: ${name}`, () => {
    const runstate = useRunstate(config)

    test('a refusal for what is stored keeps its own sentence', async () => {
      const script = await createScript(runstate(), shellFamily)
      const answer = await runstate().send('POST', `${script}/assign`, { ...named, body: {} })
      assertRefused(answer, 400, 'BadRequest')
      const parsed: unknown = JSON.parse(errorOf(answer).message)
      assert(typeof parsed === 'object' && parsed !== null && 'Message' in parsed)
      assert.match(
        String(parsed.Message),
        /^The body must have .+ an empty collection clears\. - Operation ID/,
      )
    })

    test('a 500 says of itself that it is internal, and nothing else', async () => {
      const answer = await runstate().send('POST', SET, {
        ...named,
        body: { ...shellFamily.creation, id: ID },
      })
      if (config.profile === 'documented') return assert.equal(answer.status, 201)
      assertRefused(answer, 500, 'InternalServerError')
      assertWrapped(answer, 'An internal server error has occurred', `${SET}?api-version=5025-05-19`)
    })

    test('the activity is the request itself where the client has no name for it', async () => {
      const answer = await runstate().send('DELETE', `${SET}/${UNKNOWN}`)
      assert(errorOf(answer).message.includes(`Activity ID: ${answer.headers.get('request-id')} - Url`))
    })

    test('what the gateway and the reader of the body refuse is plain', async () => {
      const script = await createScript(runstate(), shellFamily)
      const body = { retryCount: 'x' }
      for (const [answer, code] of [
        [await runstate().send('GET', SET, { token: null }), 'InvalidAuthenticationToken'],
        [await runstate().send('GET', 'nonsense'), 'BadRequest'],
        [await runstate().send('GET', '/v7/deviceManagement'), 'ResourceNotFound'],
        [await runstate().send('GET', `${SET}?$select=nonsense`), 'BadRequest'],
        [await runstate().send('PATCH', script, { body: '{' }), 'BadRequest'],
        [await runstate().send('PATCH', script, { body }), 'ModelValidationFailure'],
      ] as const) {
        const { code: actual, message } = errorOf(answer)
        assert.equal(actual, code)
        assert.doesNotMatch(message, /_version/)
      }
      const { text } = await runstate().send('PATCH', script, { body })
      assert.equal(text.split("Cannot convert the literal 'x' to the expected type 'Edm.Int32'.").length, 3)
    })

    test('a tenant without a licence is told so plainly', async () => {
      const tid = '22222222-3333-4444-8555-666666666666'
      await runstate().server.putTenant({ tid, licensed: false })
      const token = await runstate().token({ tenant: tid })
      const { message } = errorOf(await runstate().send('GET', SET, { token }))
      assert.equal(message, 'Request not applicable to target tenant.')
    })
  })
}

for (const { name, config } of configsWith('error-shape', 'plain')) {
  test(`errors are sentences: ${name}`, async () => {
    await using runstate = await startRunstate(config)
    const missing = errorOf(await runstate.send('GET', `${SET}/${UNKNOWN}`))
    assert.equal(missing.message, `There is no deviceShellScript with the id '${UNKNOWN}' here.`)
    const token = await runstate.token({ roles: ['Directory.Read.All'] })
    const { message } = errorOf(await runstate.send('GET', SET, { token }))
    assert.match(message, /^Application is not authorized [^{]+ReadWrite\.All$/)
  })
}
