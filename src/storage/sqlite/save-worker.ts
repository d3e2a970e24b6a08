/** A worker that saves a database: one statement, which sees one moment and leaves out what is free. */
import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import type { SaveOrder } from './save.ts'

const { file, target }: SaveOrder = workerData
using database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
database.prepare('VACUUM INTO ?').run(target)
