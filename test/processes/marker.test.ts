import { expect, test } from 'vitest'
import { markerName, markerReader } from '../../src/processes/marker.ts'

const runsIn = (...environment: string[]) =>
  markerReader('0123abcd')(Buffer.from(`${environment.join('\0')}\0`))

test('a marker names installation and run, and is found again in an environment', () => {
  expect(markerName('0123abcd', 'r_1')).toBe('HUSKIES_RUN_0123abcd_r_1')
  expect(runsIn('HUSKIES_RUN_0123abcd_r_1=1')).toEqual(['r_1'])
})

test('a run inside a run carries both markers', () => {
  const environment = ['A=1', 'HUSKIES_RUN_0123abcd_r1=1', 'B=2', 'HUSKIES_RUN_0123abcd_r2=1']
  expect(runsIn(...environment)).toEqual(['r1', 'r2'])
})

test.each([
  ['another installation', 'HUSKIES_RUN_0123abce_r1=1'],
  ['a longer id of an installation', 'HUSKIES_RUN_0123abcd0_r1=1'],
  ['another value', 'HUSKIES_RUN_0123abcd_r1=10'],
  ['a marker inside a value', 'NOTE=HUSKIES_RUN_0123abcd_r1=1'],
  ['a marker inside a name', 'MY_HUSKIES_RUN_0123abcd_r1=1'],
  ['a run id that we would never give', 'HUSKIES_RUN_0123abcd_../r=1'],
  ['no run id', 'HUSKIES_RUN_0123abcd_=1'],
])('%s is no marker of ours', (_title, variable) => {
  expect(runsIn('A=1', variable, 'B=2')).toEqual([])
})

test('an environment that was cut off while it was read is no mistake', () => {
  expect(markerReader('0123abcd')(Buffer.from('A=1\0HUSKIES_RUN_0123abcd_r1'))).toEqual([])
  expect(markerReader('0123abcd')(Buffer.alloc(0))).toEqual([])
})

test('an id of an installation that is no plain hexadecimal number is refused', () => {
  for (const id of ['', '0123abc', '0123abcg', '0123ABCD'])
    expect(() => markerName(id, 'r1')).toThrow('Not an installation id')
})
