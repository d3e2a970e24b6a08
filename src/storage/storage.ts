/** The door of the storage: what holds the rows, and all that may be asked of it. */
export { type DataFolder, makeDataFolder, takeDataFolder } from './data-folder.ts'
export type { PoolFigures, StorageFigures } from './figures.ts'
export { copySomeOf, type MarkReference, noMark, putMark, removeMark, takeCopy } from './marks.ts'
export { openStorage, type StorageOptions } from './open.ts'
export {
  type AddPlan,
  COUNT,
  command,
  type EntityReference,
  HOLDER,
  type Holder,
  type InsertPlan,
  OF,
  PARENT,
  PLACE,
  POSITION,
  query,
  type ReadPlan,
  ranksOf,
  type Scope,
} from './plan.ts'
export { discardTenant, removeEntity } from './purge.ts'
export type { Moment, Page, PagePlan, Storage } from './seam.ts'
export { type Place, restoreSnapshot, type SaveTask, saveSnapshot } from './snapshot.ts'
export { type FolderLock, lockFolder } from './sqlite/folder-lock.ts'
export { all, one, type Transaction } from './transaction.ts'
export { writeWholeFile } from './whole-file.ts'
