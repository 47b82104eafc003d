import type { Command } from '../bot/command.ts'
import { version, whoami } from './about.ts'
import { admit } from './admit.ts'
import { agents } from './agents.ts'
import { ambient } from './ambient.ts'
import { answer } from './answer.ts'
import { assign } from './assign.ts'
import { block, unblock } from './block.ts'
import { git, loc } from './branch.ts'
import { check } from './check.ts'
import { abandon, close, supersede } from './close.ts'
import { cost } from './cost.ts'
import { create, createOfType } from './create.ts'
import { deleteItem } from './delete.ts'
import { depends } from './depends.ts'
import { diff } from './diff.ts'
import { edit } from './edit.ts'
import { epic } from './epic.ts'
import { find } from './find.ts'
import { freeze, unfreeze } from './freeze.ts'
import { coverage, recheck, runTests } from './gate-jobs.ts'
import { help } from './help.ts'
import { history } from './history.ts'
import { hold } from './hold.ts'
import { htop } from './htop.ts'
import { backlog, list } from './list.ts'
import { log } from './log.ts'
import { move } from './move.ts'
import { overview } from './overview.ts'
import { pause, resume } from './pause.ts'
import { permissions } from './permissions.ts'
import { priority } from './priority.ts'
import { recover } from './recover.ts'
import { release } from './release.ts'
import { releaseNotesCommand, unreleased } from './releases.ts'
import { reset } from './reset.ts'
import { approve, reject } from './review.ts'
import type { Services } from './services.ts'
import { show } from './show.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { timer } from './timer.ts'
import { whatsup } from './whatsup.ts'
import { when } from './when.ts'
import { rmtree, worktrees } from './worktrees.ts'

const factories: readonly ((services: Services, commands: () => readonly Command[]) => Command)[] =
  [
    ...[create, createOfType('story'), createOfType('bug'), createOfType('refactor')],
    ...[createOfType('spike'), epic],
    ...[edit, depends, check, priority, deleteItem],
    ...[start, stop, pause, resume, assign, approve, reject, hold, block, unblock],
    ...[freeze, unfreeze, close, abandon, supersede, move, recover],
    ...[runTests, recheck, coverage, timer, when, worktrees, rmtree],
    ...[status, whatsup, show, list, backlog, find, history, diff, log, cost],
    ...[overview, unreleased, releaseNotesCommand, git, loc],
    ...[agents, htop, release, answer, permissions, reset, ambient, admit, version, whoami],
  ]

/** Every command there is, in the order of `help`: the same for every network and caller. */
export function allCommands(services: Services): Command[] {
  const commands: Command[] = factories.map((define) =>
    placed(
      define(services, () => commands),
      services,
    ),
  )
  commands.push(help(() => commands))
  return commands
}

/** The command, with the place noted in which the items that it changes were spoken of. */
function placed(command: Command, services: Services): Command {
  const { run } = command
  if ('answer' in run) return command
  return {
    ...command,
    run: {
      change: (input, context) =>
        services.itemPlaces.during(context, () => run.change(input, context)),
    },
  }
}

/** The same as data, to be listed without a project: what they are and take, and nothing to run them on. */
export function describedCommands(): readonly Omit<Command, 'run'>[] {
  return allCommands({} as Services)
}
