import { firstPrompt, longCommand, prompt, type Situation } from './situation.ts'

export const asked = new RegExp(prompt)
/** 60 KB in which nothing repeats: one of the programs takes that for a loop. */
const longText = Array.from({ length: 10_500 }, (_, index) => index + 10_000).join(' ')
const first = new RegExp(firstPrompt)

/** What happens to every program, whatever service it speaks with. */
export const commonSituations: readonly Situation[] = [
  { name: 'text', script: (it) => it.onPrompt(asked).says('Done.', { thinking: 'Easy.' }) },
  {
    name: 'tool',
    script: (it) => it.onPrompt(asked).runs('echo hi', { saying: 'Running.' }).says('Done.'),
  },
  {
    name: 'tool-fails',
    script: (it) => it.onPrompt(asked).runs('echo no >&2; exit 3').says('It failed.'),
  },
  {
    name: 'two-tools',
    script: (it) =>
      it.onPrompt(asked).calls({ command: 'echo one' }, { command: 'cat README.md' }).says('Both.'),
  },
  {
    name: 'resume',
    after: 'end',
    script: (it) => {
      it.onPrompt(asked).runs('echo on').says('Went on.')
      it.onPrompt(first).says('Begun.')
    },
  },
  {
    name: 'resume-after-kill',
    after: 'kill',
    script: (it) => {
      it.onPrompt(asked).runs('echo on').says('Went on.')
      it.onPrompt(first).runs(longCommand)
    },
  },
  {
    name: 'resume-unknown',
    session: '00000000-0000-4000-8000-000000000000',
    script: () => {},
  },
  ...(['SIGTERM', 'SIGINT', 'SIGKILL'] as const).map(
    (signal): Situation => ({
      name: `${signal.toLowerCase()}-in-tool`,
      signal,
      script: (it) => it.onPrompt(asked).runs(longCommand),
    }),
  ),
  {
    name: 'long-result',
    script: (it) => it.onPrompt(asked).says(longText),
  },
  {
    name: 'multi-byte',
    script: (it) =>
      it
        .onPrompt(asked)
        .sending({ bytewise: true })
        .runs('echo Grüße 🐕‍🦺', { saying: 'Höhö 🐕‍🦺 漢字' })
        .says('Ende 🎉'),
  },
  { name: 'stream-breaks', script: (it) => it.onPrompt(asked).breaks().says('Said again.') },
]
