import { z } from 'zod'
import { body, itemNumber, itemNumbers, option, rest } from '../bot/arguments.ts'
import { type Command, type CommandContext, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { type ItemType, itemTypes, priorities, qaModes } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { actorOf } from './actor.ts'
import { nextStep } from './next-step.ts'
import type { Services } from './services.ts'
import { counted } from './wording.ts'

/** What every new item may be given in words. */
export const texts = {
  title: rest(z.string().describe('What is to be done, in a few words')),
  body: body(
    z.string().describe('its text; lines like `- [ ] ...` are acceptance criteria'),
  ).optional(),
}
const details = {
  depends: option(itemNumbers.describe('The items that must be done first')).optional(),
  epic: option(itemNumber.describe('The epic that it belongs to')).optional(),
  qa: option(z.enum(qaModes).describe('Who judges it')).optional(),
  priority: option(z.enum(priorities).describe('How urgent it is')).optional(),
  ...texts,
}
const creation = z.object({ type: z.enum(itemTypes), ...details })

/** `create TYPE TITLE`: the next lines are the item's text. */
export function create({ pipeline }: Services): Command {
  return defineCommand({
    name: 'create',
    group: 'items',
    summary: 'Put a work item into the backlog',
    role: 'member',
    input: creation,
    examples: ['create story Add a greeting', 'create bug priority high The total is wrong'],
    run: { change: (input, context) => createItem(pipeline, input, context) },
  })
}

/** `story TITLE` and its like: `create` for one type. */
export function createOfType(type: Exclude<ItemType, 'epic'>) {
  const [purpose, ...examples] = types[type]
  return ({ pipeline }: Services): Command =>
    defineCommand({
      name: type,
      group: 'items',
      summary: purpose,
      role: 'member',
      input: z.object(details),
      examples,
      run: { change: (input, context) => createItem(pipeline, { type, ...input }, context) },
    })
}

const types: { readonly [T in Exclude<ItemType, 'epic'>]: readonly [string, ...string[]] } = {
  story: [
    'Put a story into the backlog: something that users will see',
    'story Add a greeting',
    'story depends 3,4 qa human Show the date\nUnder the greeting.\n- [ ] in the local time zone',
  ],
  bug: [
    'Put a bug into the backlog: it is shown by a failing test first',
    'bug The greeting has no full stop',
    'bug priority high The total is wrong',
  ],
  refactor: [
    'Put a refactoring into the backlog: behaviour stays as it is',
    'refactor Split the parser',
  ],
  spike: [
    'Put a spike into the backlog: research that you review and that is never merged',
    'spike Which date library',
  ],
}

/** Creates the item in the asker's name, and says how it goes on. */
export function createItem(
  pipeline: Pipeline,
  { type, title, body, depends, epic, qa, priority }: z.infer<typeof creation>,
  context: CommandContext,
): string {
  const item = pipeline.create(
    {
      type,
      name: title,
      ...(body !== undefined && { body }),
      ...(depends && { dependsOn: depends }),
      ...(epic !== undefined && { epic }),
      ...(qa && { qa }),
      ...(priority && { priority }),
    },
    actorOf(context),
  )
  const count = item.criteria.length
  const criteria = count > 0 ? `, with ${counted(count, 'criterion', 'criteria')}` : ''
  return `Item ${item.id} is in the backlog${criteria}: ${escapeMarkdown(item.name)}. ${nextStep(pipeline, item.id)}`
}
