import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFolder } from '../support/command-line.ts'
import { runCampaign } from './campaign.ts'

test('a server that is killed again and again keeps what it acknowledged, and does nothing by half', async (t) => {
  const seed = 20260101
  const { lost, violations, acknowledged, kills } = await runCampaign(t, {
    kills: 5,
    seed,
    data: createFolder(t),
  })
  assert.deepEqual({ lost, violations }, { lost: [], violations: [] }, `seed ${seed}`)
  assert.equal(kills.loaded + kills.starting, 5)
  assert(acknowledged > 0)
})

test('a database that is kept only in memory is lost, and the same check says so', async (t) => {
  const { lost, acknowledged } = await runCampaign(t, {
    kills: 2,
    seed: 1,
    data: createFolder(t),
    flags: ['--memory'],
    environment: { TMPDIR: createFolder(t) },
  })
  assert(acknowledged > 0)
  assert(lost.length > 0)
})
