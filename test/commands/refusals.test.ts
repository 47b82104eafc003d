import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

const noSuchItem = (id: number) => `There is no item ${id}: look for its number with "list".`

/** What was said before, what is said now, and the one sentence that answers it. */
const refusals: readonly (readonly [readonly string[], string, string])[] = [
  [[], 'start 7', noSuchItem(7)],
  [[], 'show 7', noSuchItem(7)],
  [[], 'history 7', noSuchItem(7)],
  [[], 'recover 7', noSuchItem(7)],
  [[], 'status 7', noSuchItem(7)],
  [[], 'delete 7', noSuchItem(7)],
  [[], 'epic 7 8', noSuchItem(7)],
  [[], 'stop 7', noSuchItem(7)],
  [[], 'log 7', noSuchItem(7)],
  [
    [],
    'start one',
    'N must be an item number such as 12 or #12, not "one"; usage: `start N [agent]`.',
  ],
  [[], 'start', '`start` needs N, an item number such as 12 or #12; usage: `start N [agent]`.'],
  [['story One'], 'block 1', '`block` needs reason; usage: `block N REASON`.'],
  [
    ['story One'],
    'log 1 1000',
    'lines must be a number from 1 to 200, not "1000"; usage: `log N [lines]`.',
  ],
  [
    ['story One'],
    'priority 1 urgent',
    'priority must be one of low, normal, high, not "urgent"; usage: `priority N low|normal|high`.',
  ],
  [
    ['story One'],
    'edit 1',
    'Say what to change: `edit 1 NEW TITLE`, the new text in further lines, or both.',
  ],
  [
    ['story One'],
    'start 1 nobody',
    'There is no agent nobody in project.toml: choose one of coder-1, coder-2, mender, helper.',
  ],
  [
    ['story One'],
    'start 1 mender',
    'mender is of stage mergemaster, and #1 in coding needs a coder: "agents" shows them.',
  ],
  [
    ['epic Big', 'story epic 1 One'],
    'start 1',
    'Item 1 is an epic, which groups items and is never started: start one of its items: #2 One.',
  ],
  [
    ['story One', 'story depends 1 Two'],
    'start 2',
    'Item 2 waits for #1 and starts by itself after that: `depends 2` clears what it waits for, and `move 2 coding` starts it all the same.',
  ],
  [
    ['story One', 'close 1'],
    'start 1',
    'Item 1 is done: `move 1 backlog` reopens it, if it is to be done again.',
  ],
  [
    ['story One', 'block 1 No network'],
    'start 1',
    '`start` does not fit item 1, which is blocked. What fits: `unblock 1`, `freeze 1`, `move 1 backlog`, `close 1`, `move 1 archived`, `abandon 1`, `supersede 1 M`, `delete 1`.',
  ],
  [
    ['story One'],
    'approve 1',
    '`approve` does not fit item 1, which is in the backlog. What fits: `start 1`, `block 1 REASON`, `freeze 1`, `close 1`, `move 1 archived`, `abandon 1`, `supersede 1 M`, `delete 1`.',
  ],
  [
    ['story One', 'abandon 1'],
    'freeze 1',
    '`freeze` does not fit item 1, which is abandoned. What fits: `move 1 backlog`, `move 1 archived`, `delete 1`.',
  ],
  [
    ['story One'],
    'resume 1',
    'Item 1 is in the backlog, so there is nothing to wake. What fits: `start 1`, `block 1 REASON`, `freeze 1`, `close 1`, `move 1 archived`, `abandon 1`, `supersede 1 M`, `delete 1`.',
  ],
  [
    ['story One', 'freeze 1'],
    'move 1 done',
    'Item 1 is frozen, and no way leads from there to done. What fits: `move 1 backlog`, `move 1 abandoned`.',
  ],
  [
    ['epic One'],
    'move 1 coding',
    'Item 1 is in the backlog, and no way leads from there to coding. What fits: `move 1 done`, `move 1 archived`, `move 1 blocked`, `move 1 frozen`, `move 1 abandoned`.',
  ],
  [['story One'], 'supersede 1 1', '#1 cannot supersede itself: name the item that does.'],
  [
    ['story One', 'story depends 1 Two'],
    'depends 1 2',
    'That would be a circle, #1 -> #2 -> #1: leave one of these out.',
  ],
  [['story One'], 'stop 1', 'No agent works on #1: "agents" shows who does what.'],
  [
    ['story One'],
    'recover 1',
    'No removed work of item 1 is kept: `history 1` shows what became of it.',
  ],
  [
    ['story One'],
    'release 1',
    'No process of item 1 resists its end: `status 1` shows where it stands.',
  ],
  [
    [],
    'help frobnicate',
    'There is no command `frobnicate` for you: `help` lists those that there are.',
  ],
]

for (const [before, command, sentence] of refusals)
  test(`after ${JSON.stringify(before)}, "${command}" is refused in one sentence and changes nothing`, async () => {
    const desk: Desk = openDesk()
    await desk.sayAll(...before)
    const state = desk.everything()
    expect(await desk.say(command)).toBe(sentence)
    expect(desk.everything()).toEqual(state)
  })
