import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Program } from '../support/program.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

test('The session in the README goes as it stands there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = new Program(['start', '--sample'], { cwd: folder })
  const said = []
  for (const line of sessionLines()) {
    if (line.startsWith('> ')) program.child.stdin?.write(`${line.slice(2)}\n`)
    else {
      // A commit's id is another one each time.
      const [beforeId = ''] = line.split(/\([0-9a-f]{7}\)/)
      await program.until(beforeId.trim())
      said.push(beforeId.trim())
    }
  }
  program.child.stdin?.end()
  const { code, output } = await program.ended
  expect(code).toBe(0)
  expect(inOrder(output, said)).toEqual(said)
})

function sessionLines(): string[] {
  const session = /```text\n(> story[\s\S]+?)```/.exec(readme)?.[1]
  if (session === undefined) throw new Error('The README has no session.')
  return session.split('\n').filter((line) => line.trim() !== '')
}

/** Those of `texts` that stand in `output` one behind the other. */
function inOrder(output: string, texts: readonly string[]): string[] {
  let from = 0
  return texts.filter((text) => {
    const at = output.indexOf(text, from)
    if (at >= 0) from = at + text.length
    return at >= 0
  })
}
