import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { main } from './main.ts'

/** Runs a command line that comes to nothing, in this process. */
async function run(t: TestContext, args: readonly string[]) {
  const printed = { stdout: '', stderr: '' }
  const catchers = (['stdout', 'stderr'] as const).map((name) =>
    t.mock.method(process[name], 'write', (text: string | Uint8Array) => {
      printed[name] += text.toString()
      return true
    }),
  )
  try {
    return { code: await main(args), ...printed }
  } finally {
    for (const { mock } of catchers) mock.restore()
  }
}

describe('a command line that is wrong ends with 2 and says why', () => {
  const hint = String.raw`\(runstate --help tells more\)`
  for (const [args, message] of [
    [['--bogus'], /^error: unknown option '--bogus'\n/],
    [['bogus'], /^error: unknown command 'bogus'\n/],
    [['serve', '--bogus'], /^error: unknown option '--bogus'\n/],
    [['serve', 'more'], /^error: too many arguments for 'serve'/],
    [['serve', '--port'], /^error: option '--port <number>' argument missing\n/],
    [
      ['serve', '--port', 'x'],
      /^error: option '--port <number>' argument 'x' is invalid\. It is not a whole number\./,
    ],
    [['serve', '--port', '-1'], /^error: option '--port <number>' argument '-1' is invalid/],
    [['serve', '--http-port', '1.5'], /^error: option '--http-port <number>' argument '1\.5' is invalid/],
    [['serve', '--cloud', 'cumulus'], /Allowed choices are global, usgov, dod, china\./],
    [['serve', '--profile', 'other'], /Allowed choices are documented, observed\./],
    [
      ['token', '--role', 'a', '--scope', 'b'],
      /^error: option '--role <name\.\.\.>' cannot be used with option '--scope/,
    ],
    [['token', '--scope', 'a'], /^error: --scope and --user are given together\n/],
    [['token', '--user', 'a'], /^error: --scope and --user are given together\n/],
    [['token', '--role', 'a', '--user', 'b'], /^error: --scope and --user are given together\n/],
    [['token', '--expires', '5'], /It is a number and a unit: 30s, 5m, 1h, 2d\./],
    [['token', '--expires', '1w'], /It is a number and a unit/],
    [['tenant', 'put'], /^error: missing required argument 'id'\n/],
    [['tenant', 'drop'], /^error: unknown command 'drop'\n/],
  ] as const) {
    test(args.join(' '), async (t) => {
      const { code, stdout, stderr } = await run(t, args)
      assert.deepEqual([code, stdout], [2, ''], stderr)
      assert.match(stderr, message)
      assert.match(stderr, new RegExp(`\n${hint}\n$`))
    })
  }

  for (const [args, message] of [
    [['serve', '--port', '65536'], /^runstate: --port takes a port from 0 to 65535, not 65536\.\n$/],
    [['serve', '--quirk', 'unknown=1'], /^runstate: There is no quirk 'unknown'; there are .+\.\n$/],
    [['serve', '--quirk', 'delete-status=500'], /^runstate: The quirk 'delete-status' is one of .+\.\n$/],
    [['serve', '--public-url', 'nowhere'], /^runstate: --public-url takes scheme, host and port, .+\n$/],
    [['serve', '--host='], /^runstate: --host takes one address or more\.\n$/],
    [
      ['serve', '--tenant', '11111111-1111-4111-8111-111111111111'],
      /^runstate: .+ are given together or not at all\.\n$/,
    ],
    [
      ['serve', '--host', '0.0.0.0'],
      /^runstate: Listening on 0\.0\.0\.0 would let others in .+: give --tenant, --client-id and --client-secret of your own\.\n$/,
    ],
  ] as const) {
    test(args.join(' '), async (t) => {
      const { code, stdout, stderr } = await run(t, args)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
    })
  }

  for (const args of [[], ['tenant']]) {
    test(`${args.join(' ') || 'nothing'}, with the help on stderr`, async (t) => {
      const { code, stdout, stderr } = await run(t, args)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /^Usage: runstate /)
    })
  }
})

describe('the help', () => {
  test('says what this is and is not, and that the beta may change', async (t) => {
    const { code, stdout, stderr } = await run(t, ['--help'])
    assert.deepEqual([code, stderr], [0, ''])
    const text = stdout.replace(/\s+/g, ' ')
    for (const sentence of [
      'An independent, self-hosted server compatible with the Intune device-scripts part of Microsoft Graph beta.',
      'APIs under the /beta version of Microsoft Graph are subject to change; their use in production is not supported. This server follows the schema of 2026-07-31.',
      'Runstate is not a product of Microsoft.',
    ])
      assert(text.includes(sentence), sentence)
    for (const command of ['serve', 'token', 'tenant'])
      assert.match(stdout, new RegExp(`^ +${command} `, 'm'))
  })

  test('of serve names every flag with its variable', async (t) => {
    const { stdout } = await run(t, ['serve', '--help'])
    const text = stdout.replace(/\s+/g, ' ')
    for (const flag of 'host port http-port data memory profile quirk cloud demo public-url tenant client-id client-secret'.split(
      ' ',
    ))
      assert(text.includes(`RUNSTATE_${flag.toUpperCase().replaceAll('-', '_')}`), flag)
  })

  test('and the version end with 0', async (t) => {
    const { code, stdout } = await run(t, ['--version'])
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    assert.equal((await run(t, ['token', '--help'])).code, 0)
  })
})
