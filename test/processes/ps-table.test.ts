import { expect, test } from 'vitest'
import { markerReader } from '../../src/processes/marker.ts'
import { parseEnvironments, parseTable } from '../../src/processes/ps-table.ts'

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

test('no process is no entry', () => {
  expect(parseTable('', new Map())).toEqual([])
})
