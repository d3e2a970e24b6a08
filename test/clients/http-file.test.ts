/** The example requests for REST clients work, in their order, on a fresh demo server. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { developmentIdentity } from '#config.ts'
import { fillIn, type HttpRequest, parseHttpFile } from '../support/http-file.ts'
import { startRunstate } from '../support/runstate.ts'

const root = join(import.meta.dirname, '..', '..')
const { variables, requests } = parseHttpFile(readFileSync(join(root, 'examples', 'runstate.http'), 'utf8'))

describe('examples/runstate.http', () => {
  test('has requests that all answer 2xx, one after the other', async () => {
    await using runstate = await startRunstate({ demo: true })
    const filled = new Map([...variables, ['host', runstate.server.url]])
    const answers = new Map<string, Readonly<Record<string, unknown>>>()
    for (const request of requests) {
      const { url, headers, body } = request
      const fill = (text: string): string => fillIn(text, filled, answers)
      const response = await runstate.server.fetch(fill(url), {
        method: request.method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, fill(value)]),
        body: body === undefined ? null : fill(body),
      })
      const text = await response.text()
      assert(response.ok, `${request.title}: ${response.status} ${text}`)
      if (request.name !== undefined) answers.set(request.name, JSON.parse(text))
    }
  })

  test('names the ports and the identity of a server that was told nothing', () => {
    const { tenant, clientId, clientSecret } = developmentIdentity
    const told = { host: 'http://localhost:8080', tenant, clientId, clientSecret }
    for (const [name, value] of Object.entries(told)) assert.equal(variables.get(name), value)
  })

  test('uses every variable and every name, and has no title twice', () => {
    const texts = [...requests.flatMap(textsOf), ...variables.values()].join('\n')
    for (const name of variables.keys()) assert(texts.includes(`{{${name}}}`), `${name} is used`)
    for (const { name } of requests) {
      if (name !== undefined) assert(texts.includes(`{{${name}.response.`), `${name} is used`)
    }
    assert.equal(new Set(requests.map(({ title }) => title)).size, requests.length)
  })
})

function textsOf({ url, headers, body = '' }: HttpRequest): readonly string[] {
  return [url, ...Object.values(headers), body]
}

describe('the reader of the format', () => {
  test('reads variables, names, headers and bodies', () => {
    const text = [
      '# comment',
      '@a = 1',
      '### Title',
      '# @name x',
      'POST {{a}}/y',
      'A-B: c: d',
      '',
      '{',
      '',
      '}',
      '',
      '### Other',
      'GET /z',
      '',
    ].join('\n')
    assert.deepEqual(parseHttpFile(text), {
      variables: new Map([['a', '1']]),
      requests: [
        {
          title: 'Title',
          name: 'x',
          method: 'POST',
          url: '{{a}}/y',
          headers: { 'A-B': 'c: d' },
          body: '{\n\n}',
        },
        { title: 'Other', name: undefined, method: 'GET', url: '/z', headers: {}, body: undefined },
      ],
    })
  })

  test('refuses a use of what is not defined, or not yet answered', () => {
    const empty = new Map<string, never>()
    assert.throws(() => fillIn('{{a}}', empty, empty), /\{\{a\}\} is not defined/)
    assert.throws(() => fillIn('{{b.response.body.$.id}}', empty, empty), /is not in an earlier answer/)
    assert.throws(() => parseHttpFile('### Nothing\n# comment\n'), /Nothing has no request/)
  })
})
