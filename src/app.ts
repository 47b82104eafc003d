import { randomInt } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chatProgramOf } from './agents/chat/chat-program.ts'
import { CommandChatRun } from './agents/chat/command-chat-run.ts'
import { installCommitGate } from './agents/commit-gate.ts'
import { agentEnvironment } from './agents/environment.ts'
import { createRuntime } from './agents/runtimes/create-runtime.ts'
import { type Assembly, assemble } from './assembly.ts'
import type { Courier } from './bot/courier.ts'
import type { Person, Place } from './bot/message.ts'
import { systemClock } from './kernel/clock.ts'
import { Hooks } from './kernel/hooks.ts'
import { createFileLog, type Log } from './kernel/log.ts'
import { readSettings } from './kernel/settings.ts'
import { snapshotApart } from './pipeline/document/snapshot.ts'
import { ProcessGates, type ProcessGatesOptions } from './pipeline/gates/process-gates.ts'
import { GitBranchFacts } from './pipeline/git/branch-facts.ts'
import { LockFiles } from './pipeline/git/lock-files.ts'
import { Remote } from './pipeline/git/remote.ts'
import { openRepository } from './pipeline/git/repository.ts'
import { trunkOf } from './pipeline/git/trunk-of.ts'
import { GitWorktrees } from './pipeline/git/worktrees.ts'
import { ComponentSetup } from './pipeline/programs/component-setup.ts'
import { Programs } from './pipeline/programs/programs.ts'
import { type GateStep, projectSettings } from './pipeline/settings.ts'
import { installationOf } from './processes/installation.ts'
import { LocalProcessHost } from './processes/local-process-host.ts'
import { openProjectState } from './project-state.ts'
import { projectPaths } from './projects/paths.ts'
import { HttpServer } from './server/http-server.ts'
import { PersonTokens } from './server/person-tokens.ts'
import { botFile, openNetworks, withoutSecrets } from './transports/networks.ts'
import { Supervisor } from './transports/supervisor.ts'
import type { AnyTransport } from './transports/transport.ts'
import { readVersion } from './version.ts'

/** What a start of the program is told. */
export interface AppOptions {
  /** The project's checkout. */
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  /** Who sits at this machine: an admin, whatever bot.toml says. */
  readonly owner: string
  /** The networks of this machine, such as its terminal; those of bot.toml come beside them. */
  readonly transports?: readonly AnyTransport[]
  readonly couriers?: readonly Courier[]
  /** Where the project's notifications go, beside the rooms that bot.toml names. */
  readonly rooms: readonly Place[]
}

/** The program on one project of this machine, opened and not started yet. */
export interface App extends Assembly {
  readonly log: Log
  /** Whether bot.toml names a network, beside those of this machine. */
  readonly servesNetworks: boolean
  /** Resolves once every message is answered, and every answer sent, or the program is closed. */
  whenAnswered(): Promise<void>
  /** Resolves once nothing runs and nothing would go on by itself, or the program is closed. */
  whenQuiet(): Promise<void>
  /**
   * Stops everything and gives the folder free. The agents are ended first, because a person ends
   * the program; what they were doing goes on with the next start.
   */
  close(): Promise<void>
}

const checkMs = 10

/**
 * Opens the project at `root`: its settings, its repository, its database. Throws a `Problem` for
 * whatever a person has to mend first, and then has changed nothing.
 */
export async function openApp(options: AppOptions): Promise<App> {
  const { root } = options
  const paths = projectPaths(root)
  const project = readSettings(join(paths.settings, 'project.toml'), projectSettings)
  const bot = readSettings(join(paths.settings, 'bot.toml'), botFile)
  const env = withoutSecrets(options.env, bot)
  const gitEnv = {
    ...env,
    ...identityVariables('NAME', bot.git_user_name),
    ...identityVariables('EMAIL', bot.git_user_email),
  }
  const log = createFileLog(join(paths.state, 'huskies.log'))
  const repository = await openRepository(paths.root, {
    baseBranch: project.base_branch,
    environment: gitEnv,
    locks: new LockFiles({ clock: systemClock, log }),
  })
  const remote = project.push || project.land === 'pr' ? await Remote.of(repository) : undefined
  const { commonDirectory } = repository
  const state = openProjectState({ paths, commonDirectory, env, now: systemClock.now() })
  const { store, head } = state

  const common = { clock: systemClock, random, log }
  const host = new LocalProcessHost({
    clock: systemClock,
    runsDirectory: join(paths.state, 'runs'),
    installation: installationOf(paths.state),
  })
  const stopping = new AbortController()
  const programs = new Programs({ ...common, host, environment: env })
  const setup = new ComponentSetup({
    components: project.component,
    programs,
    stopping: stopping.signal,
    log,
  })
  const trunk = trunkOf({
    ...common,
    repository,
    setup,
    store,
    programs,
    remote,
    settings: project,
    directory: paths.worktrees,
    stopping: stopping.signal,
  })
  const environment = agentEnvironment(env, repository.identity)
  const chatRun =
    bot.chat_command &&
    new CommandChatRun({
      ...common,
      host,
      command: bot.chat_command,
      cwd: paths.root,
      env: environment,
    })
  const chatProgram = chatProgramOf(bot.chat_agent, {
    runtimes: createRuntime(project, environment),
    path: env.PATH,
    folder: join(paths.state, 'chats'),
  })
  const coverage =
    project.gates.coverage && measure({ ...common, programs }, project.gates.coverage)
  const version = readVersion()
  const hooks = new Hooks()
  let ready = false
  /** Gives the folder free again where something else cannot be opened. */
  const orClose = (error: unknown): never => {
    state.close()
    throw error
  }
  const networks = await openNetworks(bot, {
    ...common,
    folder: paths.settings,
    env: options.env,
    state: paths.state,
    store,
    serves: (person) => assembly.serves(person),
    commands: () => assembly.registry.commands,
    hooks,
  }).catch(orClose)
  const tokens = new PersonTokens(join(paths.state, 'tokens.json'))
  const server = await HttpServer.open({
    ...common,
    port: { wanted: bot.http.port, file: join(paths.state, 'port') },
    offeredTo: (token) => assembly.offeredTo(token),
    people: {
      of: (token) => personOf(tokens.personOf(token)),
      call: (person, call) => assembly.calls.run(person, call),
    },
    hooks,
    isReady: () => ready,
    version,
  }).catch(orClose)
  const supervisor = new Supervisor([...(options.transports ?? []), ...networks], {
    ...common,
    tell: (sentence) => assembly.announce(sentence),
    heard: (network, keepsMs) => assembly.presence.heard(network, keepsMs),
  })
  const assembly: Assembly = assemble({
    ...common,
    store,
    project,
    bot: { ...bot, access: { ...bot.access, admins: [...bot.access.admins, options.owner] } },
    baseBranch: repository.base,
    head,
    freeSpace: () => Math.min(freeSpaceOf(paths.state), freeSpaceOf(paths.worktrees)),
    machine: () => ({ load: loadavg(), cores: availableParallelism() }),
    storedRuns: () => host.stored(),
    makeSnapshot: snapshotApart,
    host,
    worktrees: new GitWorktrees({ ...common, repository, directory: paths.worktrees, setup }),
    trunk,
    gates: new ProcessGates({ ...common, programs, steps: project.gates.step }),
    ...(coverage && { coverage }),
    facts: new GitBranchFacts(repository),
    root: paths.root,
    createRuntime: createRuntime(project, environment),
    runEnvironment: installCommitGate(join(paths.state, 'hooks')),
    inUse: (run) => host.isUnderWay(run),
    ...(chatRun && { chatRun }),
    ...(chatProgram && { chatProgram }),
    filesFolder: join(paths.state, 'files'),
    couriers: [...supervisor.links, ...(options.couriers ?? [])],
    rooms: supervisor.asHeard([...options.rooms, ...bot.notify.rooms.map(asPlace)]),
    version,
    toolsUrl: () => server.toolsUrl,
  })

  return {
    ...assembly,
    get answered() {
      return assembly.answered
    },
    get quiet() {
      return assembly.quiet
    },
    log,
    servesNetworks: networks.length > 0,
    start() {
      assembly.start()
      supervisor.start(assembly.bot)
      ready = true
    },
    whenAnswered: () => until(() => stopping.signal.aborted || assembly.answered),
    whenQuiet: () => until(() => stopping.signal.aborted || assembly.quiet),
    async close() {
      ready = false
      stopping.abort()
      await assembly.agents.stopAll()
      await assembly.stop()
      await server.close()
      state.close()
      await supervisor.stop()
    },
  }
}

/** The program that the settings name for it, as the only gate. */
function measure(
  parts: Pick<ProcessGatesOptions, 'programs' | 'clock'>,
  run: [string, ...string[]],
): ProcessGates {
  const step: GateStep = { name: 'coverage', run, class: 'test', timeout_secs: 1800 }
  return new ProcessGates({ ...parts, steps: [step], only: true })
}

/** What this user may still write there, in bytes. */
function freeSpaceOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Twice in a row: a change that was just stored may be about to hint at the next. */
async function until(holds: () => boolean): Promise<void> {
  for (let seen = 0; seen < 2; seen = holds() ? seen + 1 : 0) await sleep(checkMs)
}

/** 48 bits are more than any id or jitter here needs. */
function random(): number {
  return randomInt(2 ** 48 - 1) / (2 ** 48 - 1)
}

function identityVariables(what: 'NAME' | 'EMAIL', value: string | undefined) {
  return value ? { [`GIT_AUTHOR_${what}`]: value, [`GIT_COMMITTER_${what}`]: value } : {}
}

/** Somebody by the id of a network, `<network>:<id>`, which is all that a token tells. */
function personOf(id: string | undefined): Person | undefined {
  return id === undefined ? undefined : { id, name: id.slice(id.indexOf(':') + 1) }
}

/** A room as bot.toml writes it, `<network>:<room>`. */
function asPlace(room: string): Place {
  const colon = room.indexOf(':')
  return { transport: room.slice(0, colon), room: room.slice(colon + 1) }
}
