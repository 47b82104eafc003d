import { chmodSync, existsSync, rmSync } from 'node:fs'
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

  test('a recheck sends on what was blocked, once a person has mended it in its worktree', async () => {
    const place = new Workplace()
    await place.run(['start', '--sample'])
    place.write('agent', breaking)
    chmodSync(join(place.folder, 'agent'), 0o755)
    const settings = 'huskies-sample/project/.huskies/project.toml'
    const text = place.read(settings).replaceAll('.huskies/agent', join(place.folder, 'agent'))
    place.write(settings, `max_retries = 0\n${text}`)
    const blocked = await place.script('story Add a greeting', 'start 1')
    expect(blocked.output).toContain('is blocked: It failed once')

    const red = await place.script('recheck 1')
    expect(red.output).toContain('script/test fails on item 1 (test)')
    expect(place.records().items).toEqual(['1 blocked'])

    const tree = join(place.folder, 'huskies-sample/project.worktrees/item-1')
    place.git('-C', tree, 'rm', '--quiet', 'acceptance/broken.sh')
    place.write('huskies-sample/project.worktrees/item-1/NOTES.md', 'mended\n')
    place.git('-C', tree, 'add', '--all')
    place.git('-C', tree, 'commit', '--quiet', '-m', 'mend')
    const green = await place.script('recheck 1')
    expect(green.output).toContain('All gates pass on item 1')
    expect(green.output).toContain('It is in the merge queue: Add a greeting.')
    expect(place.landed()).toEqual(['merge 1'])
    expect(place.records().items).toEqual(['1 done'])
  })
})

const breaking = `#!/bin/sh
echo 'exit 1' > acceptance/broken.sh
git add --all && git commit --quiet -m broken
`
