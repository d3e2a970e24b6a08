/** What processes use, as Linux tells. */
import { readdirSync, readFileSync } from 'node:fs'

/** `USER_HZ`, the same on every Linux. */
const TICKS = 100

interface Stat {
  readonly parent: number
  /** Seconds of processor time, those of children that ended apart. */
  readonly own: number
  readonly endedChildren: number
}

/** Megabytes that a process holds in memory. */
export function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Seconds of processor time that a process used. */
export function processorSeconds(pid: number): number {
  return statOf(pid).own
}

/** Seconds that a process and all of its children used, those that ended among them. */
export function familySeconds(pid: number): number {
  const { own, endedChildren } = statOf(pid)
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readIfThere(Number(name)))
    .filter(({ parent }) => parent === pid)
  return children.reduce((sum, child) => sum + child.own, own + endedChildren)
}

/** Seconds that programs used which this process started and which ended. */
export function endedSeconds(): number {
  return statOf(process.pid).endedChildren
}

function readIfThere(pid: number): readonly Stat[] {
  try {
    return [statOf(pid)]
  } catch {
    return [] // It ended between the listing and the reading.
  }
}

/** See proc_pid_stat(5); the name of the program in the second field may hold spaces. */
function statOf(pid: number): Stat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const seconds = (field: number): number => Number(fields[field - 3]) / TICKS
  return {
    parent: Number(fields[1]),
    own: seconds(14) + seconds(15),
    endedChildren: seconds(16) + seconds(17),
  }
}
