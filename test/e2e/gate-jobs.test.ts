import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Workplace } from '../support/workplace.ts'

const slow = `#!/bin/sh
touch "$HOME/testing"
until [ -e "$HOME/go" ]; do sleep 0.05; done
echo "line one"
exit "$(cat "$HOME/go")"
`

/** The sample, whose tests only end once the test says how. */
async function slowTests() {
  const place = new Workplace()
  await place.run(['start', '--sample'])
  place.write('huskies-sample/project/script/test', slow)
  const isTesting = () => existsSync(join(place.folder, 'testing'))
  return { place, testing: () => place.until(isTesting, 'the tests run') }
}

describe('Gates that a person asked for', () => {
  test('L15: answer at once, are refused a second time, and report when they end', async () => {
    const { place, testing } = await slowTests()
    const program = place.start(['start', '--sample'])
    program.say('run_tests')
    await testing()
    program.say('run_tests')
    await program.until('The project has its tests under way')
    program.close()
    place.write('go', '3')
    const { code, errors, output } = await program.ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toContain('I report when they end.')
    expect(output).toMatch(/script\/test fails on the project \(test\).*\n(.*\n)*.*line one/)
    expect(place.agents()).toEqual([])
  })

  test('survive kill -9: the next start ends what was left and runs them again', async () => {
    const { place, testing } = await slowTests()
    const program = place.start(['start', '--sample'])
    program.say('run_tests')
    await testing()
    program.child.kill('SIGKILL')
    await program.ended
    expect(place.agents()).not.toEqual([])
    rmSync(join(place.folder, 'testing'))

    const next = place.start(['start', '--sample'])
    await testing()
    place.write('go', '0')
    next.close()
    const { code, output } = await next.ended
    expect(code).toBe(0)
    expect(output.match(/All gates pass on the project/g)).toHaveLength(1)
    expect(place.agents()).toEqual([])
    expect((await place.script()).output).not.toContain('All gates pass')
  })
})
