import { expect, test } from 'vitest'
import { markerReader } from '../../src/processes/marker.ts'
import { parseEnvironments, parseTable, parseUsage } from '../../src/processes/ps-table.ts'

const table = `    1     0     1 Ss   Mon Nov 23 03:42:59 2026     /sbin/launchd
  501     1   501 S    Mon Nov 23 04:00:01 2026     /Applications/Two Words.app/Contents/MacOS/Two Words
  612   501   612 Z    Mon Nov 23 04:00:02 2026     (node)
  700     1   700 Ss   Tue Dec  1 09:05:07 2026     sh
`
const environments = `  501 /Applications/Two Words.app/Contents/MacOS/Two Words HOME=/Users/a HUSKIES_RUN_0123abcd_r1=1 HUSKIES_RUN_0123abcd_r2=1
  700 sh -c echo HUSKIES_RUN_9999abcd_r1=1
`

test('the table of ps is read, names with spaces and zombies included', () => {
  const runs = parseEnvironments(environments, markerReader('0123abcd'))
  const processes = parseTable(table, runs)
  expect(processes.map(({ pid, parent, group, name }) => [pid, parent, group, name])).toEqual([
    [1, 0, 1, 'launchd'],
    [501, 1, 501, 'Two Words'],
    [612, 501, 612, '(node)'],
    [700, 1, 700, 'sh'],
  ])
  expect(processes.map(({ runs, zombie }) => [runs, zombie])).toEqual([
    [[], false],
    [['r1', 'r2'], false],
    [[], true],
    [[], false],
  ])
  expect(processes[3]?.startTime).toBe(Date.UTC(2026, 11, 1, 9, 5, 7) / 1000)
})

test('what processes use is read, and of a pid that was used again nothing is', () => {
  const usage = `  501 Mon Nov 23 04:00:01 2026      20480   1:02.50
  700 Tue Dec  1 09:05:07 2026       1024 1-02:03:04
  701 Tue Dec  1 09:05:07 2026       1024 00:00:07
`
  const startTime = Date.UTC(2026, 10, 23, 4, 0, 1) / 1000
  const later = Date.UTC(2026, 11, 1, 9, 5, 7) / 1000
  const read = (...processes: { pid: number; startTime: number }[]) => parseUsage(usage, processes)
  expect(read({ pid: 501, startTime })).toEqual({ cpuMs: 62_500, memory: 20_971_520, processes: 1 })
  expect(read({ pid: 700, startTime: later }).cpuMs).toBe(93_784_000)
  expect(read({ pid: 700, startTime }, { pid: 701, startTime: later })).toMatchObject({
    ...{ cpuMs: 7_000, processes: 1 },
  })
  expect(read()).toEqual({ cpuMs: 0, memory: 0, processes: 0 })
})

test('no process is no entry', () => {
  expect(parseTable('', new Map())).toEqual([])
})
