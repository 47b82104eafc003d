import type { Command } from '../bot/command.ts'
import { version, whoami } from './about.ts'
import { agents } from './agents.ts'
import { assign } from './assign.ts'
import { block, unblock } from './block.ts'
import { check } from './check.ts'
import { abandon, close, supersede } from './close.ts'
import { create, createOfType } from './create.ts'
import { deleteItem } from './delete.ts'
import { depends } from './depends.ts'
import { diff } from './diff.ts'
import { edit } from './edit.ts'
import { epic } from './epic.ts'
import { find } from './find.ts'
import { freeze, unfreeze } from './freeze.ts'
import { help } from './help.ts'
import { history } from './history.ts'
import { hold } from './hold.ts'
import { backlog, list } from './list.ts'
import { log } from './log.ts'
import { move } from './move.ts'
import { pause, resume } from './pause.ts'
import { priority } from './priority.ts'
import { recover } from './recover.ts'
import { release } from './release.ts'
import { approve, reject } from './review.ts'
import type { Services } from './services.ts'
import { show } from './show.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'

const factories = [
  ...[create, createOfType('story'), createOfType('bug'), createOfType('refactor')],
  ...[createOfType('spike'), epic],
  ...[edit, depends, check, priority, deleteItem],
  ...[start, stop, pause, resume, assign, approve, reject, hold, block, unblock],
  ...[freeze, unfreeze, close, abandon, supersede, move, recover],
  ...[status, show, list, backlog, find, history, diff, log],
  ...[agents, release, version, whoami],
]

/** Every command there is, in the order of `help`: the same for every network and caller. */
export function allCommands(services: Services): Command[] {
  const commands: Command[] = factories.map((define) => define(services))
  commands.push(help(() => commands))
  return commands
}
