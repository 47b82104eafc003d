import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Program } from '../support/program.ts'
import { Workplace } from '../support/workplace.ts'

const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`)

/** A project whose agent changes the first line of `long.txt` and adds `new.txt`. */
function project(): Workplace {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  const agent = `#!/bin/sh
sed -i '1s/.*/the first line/' long.txt
echo 'of the agent' >new.txt
git add --all
git commit -qm Work
`
  place.makeRepository({
    'long.txt': lines.join(''),
    'other.bin': 'as it was\n',
    'script/agent': agent,
    'script/test': '#!/bin/sh\ngrep -q line long.txt\n',
    '.huskies/.gitignore': 'state/\n',
    '.huskies/project.toml':
      'base_branch = "main"\n\n[[agent]]\nname = "coder-1"\ncommand = ["script/agent"]\n',
  })
  return place
}

/** Asks for the item again and again, until the answer holds `text`. */
async function untilStatusSays(program: Program, text: string): Promise<void> {
  const timer = setInterval(() => program.say('status 1'), 200)
  try {
    await program.until(text)
  } finally {
    clearInterval(timer)
  }
}

test('what a person has changed in other files survives a landing byte for byte', async () => {
  const place = project()
  const bytes = Buffer.from([0, 255, 13, 10, 13, 10, 195, 40])
  writeFileSync(join(place.project, 'other.bin'), bytes)
  place.write('shop/notes/untracked.txt', 'mine\n')
  place.write('shop/staged.txt', 'staged\n')
  place.git('add', 'staged.txt')

  const { code, errors } = await place.run(['start'], { input: 'story Change it\nstart 1\n' })
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(place.landed()).toEqual(['merge 1'])
  expect(place.read('shop/new.txt')).toBe('of the agent\n')
  expect(readFileSync(join(place.project, 'other.bin'))).toEqual(bytes)
  expect(place.git('status', '--porcelain')).toBe(' M other.bin\nA  staged.txt\n?? notes/')
  expect(place.damage()).toBe('')
})

test('where it would be overwritten the item waits and names the file, until the person removes it', async () => {
  const place = project()
  place.write('shop/new.txt', 'of a person\n')
  const program = place.start(['start'])
  program.say('story Change it')
  program.say('start 1')
  await untilStatusSays(program, `Waits until new.txt in ${place.project} can be overwritten`)
  expect(place.landed()).toEqual([])
  expect(place.read('shop/new.txt')).toBe('of a person\n')
  expect(place.records().items).toEqual(['1 merge'])

  rmSync(join(place.project, 'new.txt'))
  await program.until('Item 1 is on main')
  program.close()
  expect(await program.ended).toMatchObject({ code: 0, errors: '' })
  expect(place.read('shop/new.txt')).toBe('of the agent\n')
  expect(place.git('status', '--porcelain')).toBe('')
  expect(place.damage()).toBe('')
})

test('or until they commit it: both changes are there then', async () => {
  const place = project()
  const changed = lines.with(-1, 'the last line\n').join('')
  place.write('shop/long.txt', changed)
  const program = place.start(['start'])
  program.say('story Change it')
  program.say('start 1')
  await untilStatusSays(program, `Waits until long.txt in ${place.project} can be overwritten`)
  expect(place.read('shop/long.txt')).toBe(changed)

  place.git('commit', '--quiet', '--all', '-m', 'Mine')
  await program.until('Item 1 is on main')
  program.close()
  expect(await program.ended).toMatchObject({ code: 0, errors: '' })
  const both = lines.with(0, 'the first line\n').with(-1, 'the last line\n').join('')
  expect(place.read('shop/long.txt')).toBe(both)
  expect(place.git('log', '--format=%s', 'main')).toMatch(/^huskies: merge 1 .+\nMine\nfirst$/)
  expect(place.git('status', '--porcelain')).toBe('')
})

test('a script does not wait for a person: it ends, and a later start lands the item', async () => {
  const place = project()
  place.write('shop/new.txt', 'of a person\n')
  const input = 'story Change it\nstart 1\n'
  expect(await place.run(['start'], { input })).toMatchObject({ code: 0, errors: '' })
  expect(place.records().items).toEqual(['1 merge'])
  rmSync(join(place.project, 'new.txt'))
  expect(await place.run(['start'])).toMatchObject({ code: 0, errors: '' })
  expect(place.landed()).toEqual(['merge 1'])
  expect(existsSync(join(place.project, 'new.txt'))).toBe(true)
})
