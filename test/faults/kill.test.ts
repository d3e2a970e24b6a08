import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from '#model/model.ts'
import { openStorage } from '#storage/storage.ts'
import { createFolder } from '../support/command-line.ts'
import { noPostgres } from '../support/postgres.ts'
import { runCampaign } from './campaign.ts'
import { fileSubject, memorySubject } from './subject.ts'
import { clusterSubject, lend } from './subject-cluster.ts'

const SEED = 20260101

/** Has a cluster write its log every ten seconds, where no transaction waits for it. */
const LAZY = { wal_writer_delay: '10s', wal_writer_flush_after: '1GB', wal_buffers: '64MB' }

/** Has every transaction end without waiting for the log, whatever its session asked for. */
const NO_WAIT = `
  CREATE FUNCTION do_not_wait() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$;
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('CREATE TRIGGER no_wait BEFORE INSERT OR UPDATE OR DELETE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION do_not_wait()', name);
    END LOOP; END $$`

describe('a server that is killed again and again', () => {
  test('keeps what it acknowledged, and does nothing by half', async (t) => {
    const subject = fileSubject(createFolder(t))
    const { lost, violations, acknowledged, kills } = await runCampaign(t, { kills: 5, seed: SEED, subject })
    assert.deepEqual({ lost, violations }, { lost: [], violations: [] }, `seed ${SEED}`)
    assert.equal(countOf(kills), 5)
    assert(acknowledged > 0)
  })

  test('with a database that is kept only in memory has lost it, and the same check says so', async (t) => {
    const subject = memorySubject(createFolder(t), { TMPDIR: createFolder(t) })
    const { lost, acknowledged } = await runCampaign(t, { kills: 2, seed: 1, subject })
    assert(acknowledged > 0)
    assert(lost.length > 0)
  })
})

describe('a server on a PostgreSQL that is killed again and again, as it is', { skip: noPostgres }, () => {
  test('keeps what it acknowledged, refuses what it cannot do, and serves again by itself', async (t) => {
    const subject = await clusterSubject(t, createFolder(t), LAZY)
    const { lost, violations, ...rest } = await runCampaign(t, { kills: 4, seed: SEED, subject })
    assert.deepEqual({ lost, violations }, { lost: [], violations: [] }, `seed ${SEED}`)
    assert.deepEqual(Object.keys(rest.kills).sort(), ['backend', 'cluster', 'server', 'starting'])
    assert(rest.acknowledged > 0 && rest.refused > 0)
  })

  test('has lost it where transactions do not wait for the log, and the same check says so', async (t) => {
    // A kill may come just when the log was written all the same.
    let losses = 0
    for (let campaigns = 0; losses === 0 && campaigns < 4; campaigns += 1) {
      const subject = await clusterSubject(t, createFolder(t), LAZY)
      await plant(subject.url)
      const [, cluster] = subject.outages
      assert(cluster !== undefined)
      const { lost } = await runCampaign(t, {
        ...{ kills: 3, seed: SEED + campaigns },
        subject: { ...subject, outages: [cluster] },
      })
      losses = lost.length
    }
    assert(losses > 0)
  })
})

function countOf(kills: Readonly<Record<string, number>>): number {
  return Object.values(kills).reduce((sum, count) => sum + count, 0)
}

/** Makes the tables of a database, and has what is written to them be committed without a wait. */
async function plant(url: string): Promise<void> {
  const storage = await openStorage({ model, database: url })
  await storage[Symbol.asyncDispose]()
  await lend(url, (client) => client.query(NO_WAIT))
}
