// Records what the real agent programs print, for the tests of their readers, into
// test/fixtures/transcripts: node test/support/record-transcripts.ts [PROGRAM [SITUATION ...]]
import { agentCli } from './agent-clis.ts'
import { claudeCode } from './transcripts/claude-code.ts'
import { codex } from './transcripts/codex.ts'
import { gemini } from './transcripts/gemini.ts'
import { opencode } from './transcripts/opencode.ts'
import { record } from './transcripts/record.ts'

const programs = [claudeCode, codex, gemini, opencode]
const [onlyProgram, ...onlySituations] = process.argv.slice(2)

for (const program of programs) {
  if (onlyProgram !== undefined && program.cli !== onlyProgram) continue
  const path = await agentCli(program.cli)
  if (path === undefined) continue
  for (const situation of program.situations) {
    if (onlySituations.length > 0 && !onlySituations.includes(situation.name)) continue
    process.stdout.write(`${program.cli} ${situation.name}: `)
    process.stdout.write(`${await record(path, program, situation)}\n`)
  }
}
