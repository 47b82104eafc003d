import { type SubjectName, subjects } from '../subjects/catalogue.ts'

// A bot that answers its first message, and is gone.
const [name = 'bare'] = process.argv.slice(2)
const make = await subjects[name as SubjectName].load()
const subject = await make({
  commands: 50,
  waits: false,
  handle: (_session, texts) => texts.join(' '),
  sink: () => process.stdout.write('answered\n', () => process.exit(0)),
})
await subject.deliver(1, 'cmd0 1')
