import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { cleanEnvironment } from '../support/program.ts'
import { SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { Workplace } from '../support/workplace.ts'

const entry = join(import.meta.dirname, '../../bin/huskies.js')
const noDisk = whyNoSmallDisk()

describe('Items that move to another project', () => {
  test('is said by an export that does not fit, instead of half a file with a good word', async (context) => {
    context.skip(noDisk !== undefined, noDisk)
    const place = new Workplace()
    await place.script('story Add a greeting')
    const small = join(place.folder, 'small')
    mkdirSync(small)
    const disk = new SmallDisk(small)
    disk.fill()
    const shell = [
      '-c',
      'exec "$0" "$1" export > "$2"',
      process.execPath,
      entry,
      join(small, 'out'),
    ]
    const child = spawn('sh', shell, { cwd: place.project, env: cleanEnvironment(place.folder) })
    let errors = ''
    child.stderr.on('data', (text) => (errors += text))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(errors).toMatch(/^The export could not be written whole \(ENOSPC.*\n$/)
  })

  test('are the same there: exported while the program runs, imported where none are', async () => {
    const place = new Workplace()
    const program = place.start(['start', '--sample'])
    for (const line of [
      'story Add a greeting',
      'bug depends 1 Shout',
      'spike What?',
      'delete 3',
      'yes',
    ])
      program.say(line)
    await program.until('deleted')
    const exported = await place.run(['export'], { cwd: place.project })
    expect(exported).toMatchObject({ code: 0, errors: '' })
    place.write('items.json', exported.output)
    expect(await place.run(['import', '../../items.json'], { cwd: place.project })).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^Huskies already serves this folder/),
    })
    program.close()
    await program.ended

    const other = new Workplace({ project: 'other' })
    other.makeRepository({})
    await other.run(['init'], { cwd: other.project })
    const file = join(place.folder, 'items.json')
    const bring = () => other.run(['import', file], { cwd: other.project })
    expect(await bring()).toMatchObject({
      code: 0,
      errors: '',
      output: `Imported 2 items, and 1 number of deleted ones, into ${other.project}.\n`,
    })
    const again = await other.run(['export'], { cwd: other.project })
    expect(again.output).toBe(exported.output)
    expect(await bring()).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^This project has items already/),
    })
    other.write('bad.json', '{"huskies": "items"')
    const bad = await other.run(['import', '../bad.json'], { cwd: other.project })
    expect(bad).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^The file cannot be imported, because it is not JSON.*\n$/),
    })
  })
})

describe('A project whose database was damaged', () => {
  test('says so in its chat and on its board, keeps the damaged files, and waits for a person', async () => {
    const place = new Workplace()
    await place.script('story Add a greeting', 'bug Shout')
    const state = join(place.project, '.huskies/state')
    const file = join(state, 'pipeline.db')
    const db = new Database(file)
    db.exec("UPDATE pipeline_journal SET change = x'00' WHERE seq = 2")
    db.close()
    const found = await place.script('status')
    const told = /Change 2 of 2 in the database was damaged\. Saved: 2 items/
    expect(found.output.match(new RegExp(told, 'g'))).toHaveLength(2)
    expect(found.output).toContain('The pipeline is paused')
    expect(readdirSync(state).filter((name) => name.startsWith('damaged-'))).toHaveLength(1)
    expect((await place.script('resume', 'start 1')).code).toBe(0)
    expect(place.records().items).toEqual(['1 done', '2 backlog'])
    expect((await place.script('status')).output).not.toMatch(told)
  })

  test('is never begun anew by itself when nothing of it can be read', async () => {
    const place = new Workplace()
    await place.script('story Add a greeting')
    const file = join(place.project, '.huskies/state/pipeline.db')
    writeFileSync(file, 'nonsense')
    for (const command of ['start', 'start'])
      expect(await place.run([command], { cwd: place.project })).toMatchObject({
        code: 1,
        output: '',
        errors: expect.stringMatching(
          /^The database was damaged \(.*\), and no item could be saved: .*\n$/,
        ),
      })
    expect(readFileSync(file, 'utf8')).toBe('nonsense')
  })
})

describe('L49: an agent that starts the program it works on', () => {
  test('gets neither the real items, nor others beside them, in its worktree or in the checkout', async () => {
    const place = new Workplace({ project: 'shop' })
    place.makeRepository({
      '.huskies/project.toml': `min_free_mb = 0\n[[agent]]\nname = "coder"\ncommand = ["script/agent"]\n`,
      '.huskies/.gitignore': 'state/\n',
      'script/test': '#!/bin/sh\nexit 0\n',
      'script/agent': `#!/bin/sh
        huskies() { echo "story Mine" | "${process.execPath}" "${entry}" "$@" 2>&1; echo "code $?"; }
        huskies start > said
        (cd "${place.project}"; huskies start) >> said
        huskies import "$HOME/items.json" >> said
        huskies export > exported
        git add said exported
        git commit --quiet --message said
      `,
    })
    place.write('items.json', JSON.stringify({ huskies: 'items', version: 1, items: [] }))
    const input = 'story Real\nstart 1\n'
    expect(await place.run(['start'], { cwd: place.project, input })).toMatchObject({ errors: '' })
    expect(place.records().items).toEqual(['1 done'])
    const worktree = join(place.folder, 'shop.worktrees/item-1')
    const refused = `${worktree} is another checkout of the project in ${place.project}, which has its items: start huskies there, or try it in a clone.\ncode 1`
    expect(place.git('show', 'main:said')).toBe(
      [
        refused,
        'This is an agent or a gate of the project itself, which never opens its items: try huskies in a clone.\ncode 1',
        refused,
      ].join('\n'),
    )
    // Looking is no harm.
    expect(place.git('show', 'main:exported')).toContain('"name": "Real"')
  })

  test('gets a project of its own where it makes one, such as a test of this program does', async () => {
    const place = new Workplace()
    const env = { HUSKIES_RUN_0123456789ab_r1: '1' }
    const input = 'story Mine\n'
    expect(await place.run(['start', '--sample'], { env, input })).toMatchObject({
      code: 0,
      errors: '',
    })
    expect(place.records().items).toEqual(['1 backlog'])
  })
})
