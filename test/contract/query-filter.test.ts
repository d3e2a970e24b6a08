/** `$filter` on the scripts and the states: operators, nulls, case, literals and functions. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowsOf } from './families.ts'
import { ask, found, testFilters, usePopulation } from './queries.ts'

const [one, two, three] = ['one.sh', 'TWO.sh', 'three.SH']

describe('comparisons', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ['retryCount eq 7', one],
    ['retryCount ne 7', two, three],
    ['retryCount gt 2', one],
    ['retryCount ge 2', one, two],
    ['retryCount lt 2', three],
    ['retryCount le 2', two, three],
    ['7 eq retryCount', one],
    ['2 lt retryCount', one],
    ['2 ge retryCount', two, three],
    ['retryCount in (7,0,99)', one, three],
    ['not (retryCount in (7,0))', two],
    ['retryCount eq 7 or retryCount eq 0', one, three],
    ['retryCount eq 7 or retryCount eq 0 and retryCount eq 2', one],
    ['(retryCount eq 7 or retryCount eq 0) and retryCount eq 2'],
    ['not retryCount eq 7', two, three],
    ['not (retryCount eq 7) and not (retryCount eq 2)', three],
    ['not not (retryCount eq 7)', one],
    ['retryCount eq -7'],
    ['-retryCount eq -7', one],
    ['-(retryCount) lt -1', one, two],
    ['retryCount eq 7.0', one],
    ['retryCount gt 6.5', one],
    ['retryCount lt 1e1', one, two, three],
    ['retryCount lt 99999999999999999999', one, two, three],
    ['retryCount gt -99999999999999999999', one, two, three],
    ['true', one, two, three],
    ['false'],
    ['blockExecutionNotifications', one],
    ['not blockExecutionNotifications', two, three],
    ['blockExecutionNotifications eq false', two, three],
    ['blockExecutionNotifications ne false', one],
    ['(retryCount eq 7) eq blockExecutionNotifications', one, two, three],
    ['(retryCount eq 7) ne true', two, three],
    ['RETRYCOUNT EQ 7 OR retrycount Eq 0', one, three],
    ['NOT(retryCount In (7))', two, three],
    ['$it/retryCount eq 7', one],
    ['microsoft.graph.deviceShellScript/retryCount eq 7', one],
    ['(((((((((retryCount)))))))) eq ((7)))', one],
    [' \tretryCount\teq  7 ', one],
  ])
})

describe('arithmetic', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ['retryCount add 1 eq 8', one],
    ['retryCount sub 3 eq -1', two],
    ['retryCount mul retryCount eq 49', one],
    ['retryCount div 2 eq 3', one],
    ['retryCount divby 2 eq 3.5', one],
    ['retryCount mod 2 eq 1', one],
    ['retryCount mod 7 eq 0', one, three],
    ['(0 sub retryCount) mod 4 eq -3', one],
    ['(0 sub retryCount) div 2 eq -3', one],
    ['1 add retryCount mul 2 eq 15', one],
    ['(1 add retryCount) mul 2 eq 16', one],
    ['10 sub retryCount sub 1 eq 2', one],
    ['14 div retryCount eq 2', one],
    ['14 div retryCount ge 0', one, two],
    ['not (14 div retryCount ge 0)', three],
    ['14 mod retryCount eq null', three],
    ['retryCount divby 0 ne 1', one, two, three],
    ['retryCount mul 9007199254740991 gt 1', one, two],
    ["executionFrequency add duration'PT45M' eq duration'PT1H'", two],
    ["executionFrequency sub duration'PT1H' lt duration'PT0S'", two],
    ["-executionFrequency eq duration'-PT1H'", one],
  ])
})

describe('nulls', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ['displayName eq null', three],
    ['displayName ne null', one, two],
    ['null eq displayName', three],
    ['null ne displayName', one, two],
    ['null eq null', one, two, three],
    ['null ne null'],
    ["displayName ne 'überall sauber'", two, three],
    ["not (displayName eq 'überall sauber')", two, three],
    ["displayName gt ''", one, two],
    ["displayName le 'zzz'", two],
    ["not (displayName le 'zzz')", one, three],
    ["contains(displayName,'a')", one, two],
    ["not contains(displayName,'a')", three],
    ["contains(displayName,'')", one, two],
    ["startswith(displayName,'')", one, two],
    ["endswith(displayName,'')", one, two],
    ['length(displayName) eq null', three],
    ['length(displayName) ge 0', one, two],
    ["concat(displayName,'x') eq null", three],
    ["displayName in ('nobody',null)", three],
    ['displayName in (null)', three],
    ["not (displayName in ('nobody',null))", one, two],
    ["not (displayName in ('nobody'))", one, two, three],
    ['displayName in (displayName)', one, two, three],
    ['displayName eq displayName', one, two, three],
    ['displayName ne fileName', one, two, three],
    ['displayName gt null'],
    ['not (displayName gt null)', one, two, three],
    ["contains(null,'a')"],
    ['length(null) eq null', one, two, three],
    ['(displayName eq null) eq true', three],
  ])
})

describe('texts', () => {
  const population = usePopulation()
  testFilters(population, 'shell', [
    ["displayName eq 'ÜBERALL sauber'", one],
    ["displayName eq 'UBERALL SAUBER'"],
    ["displayName eq 'update ''ALL'''", two],
    ["description eq ''", two],
    ["fileName gt 'ONE.SH'", two, three],
    ["fileName in ('one.SH','two.sh')", one, two],
    ["startswith(fileName,'T')", two, three],
    ["startswith(fileName,'th')", three],
    ["startswith(displayName,'ÜB')", one],
    ["endswith(fileName,'.sh')", one, two, three],
    ["endswith(fileName,'longer than all of them.sh')"],
    ["contains(displayName,'ALL')", one, two],
    ["contains('one.sh and more',fileName)", one],
    ["startswith('one.sh and more',fileName)", one],
    ["endswith('the one.sh',fileName)", one],
    ['length(displayName) eq 14', one],
    ["indexof(displayName,'SAUBER') eq 8", one],
    ["indexof(displayName,'nowhere') eq -1", one, two],
    ["indexof(displayName,'') eq 0", one, two],
    ["substring(displayName,8) eq 'sauber'", one],
    ["substring(displayName,1,3) eq 'BER'", one],
    ["substring(displayName,0,0) eq ''", one, two],
    ["substring(displayName,99) eq ''", one, two],
    ["substring(fileName,-3) eq 'ONE.sh'", one],
    ["substring(fileName,0,-3) eq ''", one, two, three],
    ["substring(fileName,retryCount sub 6,2) eq 'ne'", one],
    ["substring(fileName,length(fileName) sub 3) eq '.sh'", one, two, three],
    ["tolower(fileName) eq 'two.sh'", two],
    ["toupper(fileName) eq 'TWO.SH'", two],
    ["trim(description) eq 'PADDED'", three],
    ['length(trim(description)) eq 6', three],
    ["concat(fileName,'!') eq 'two.SH!'", two],
    ["concat(concat('<',fileName),'>') eq '<one.sh>'", one],
    ["CONTAINS(fileName,'one')", one],
    ["StartsWith(filename,'ONE') And EndsWith(FILENAME,'SH')", one],
    ["contains(fileName,'one') eq true", one],
    ["contains(fileName,'one') eq false", two, three],
    ["'a' eq 'A'", one, two, three],
    ["'a' lt 'B'", one, two, three],
  ])
  testFilters(population, 'deviceStates', [
    ['resultMessage eq \'waiting for "IT" 😀\'', 4],
    ["contains(resultMessage,'Waiting')", 4],
    ['length(resultMessage) eq 18', 4],
    ["indexof(resultMessage,'😀') eq 17", 4],
    ["substring(resultMessage,17) eq '😀'", 4],
    ["startswith(resultMessage,'waitinG')", 4],
    ["errorDescription eq ''", 3],
    ["errorDescription ne ''", 1, 2, 4],
  ])

  test('are compared exactly where they are ids', async () => {
    const { runstate, paths, script } = population()
    for (const [filter, count] of [
      [`id eq '${script}'`, 1],
      [`id eq ${script}`, 1],
      [`id ne '${script}'`, 2],
      [`id in ('${script}','${script.toUpperCase()}')`, 1],
      [`startswith(id,'${script.slice(0, 9)}')`, 1],
      [`contains(id,'${script.slice(2, 20)}')`, 1],
      [`concat(id,'X') eq '${script}X'`, 1],
      [`concat(id,'X') eq '${script}x'`, 0],
      [`indexof(id,'${script}') eq 0`, 1],
      [`tolower(id) eq '${script.toUpperCase()}'`, 1],
      [`substring(id,35) eq '${script.slice(35)}'`, undefined],
    ] as const) {
      const rows = rowsOf(await ask(runstate, paths.shell, { $filter: filter }))
      if (count !== undefined) assert.equal(rows.length, count, filter)
      else assert(rows.some(({ id }) => id === script))
    }
    const letters = /[a-f]/.test(script)
    const upper = await found(population(), 'shell', { $filter: `id eq '${script.toUpperCase()}'` })
    assert.equal(upper.length, letters ? 0 : 1)
  })
})
