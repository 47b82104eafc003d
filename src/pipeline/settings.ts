import { z } from 'zod'
import { qaModes } from './item.ts'
import { isTimeZone } from './later/local-time.ts'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and "-"')
const seconds = z.number().int().positive()
/** A program and its arguments; a string names a program alone. */
const commandLine = z.union([
  z
    .string()
    .min(1)
    .transform((program): [string, ...string[]] => [program]),
  z.tuple([z.string().min(1)], z.string()),
])

/** The agent programs that are known. */
const runtimeNames = ['shell', 'claude-code', 'codex', 'gemini', 'opencode'] as const

/** One `[[agent]]` of the settings. */
export const agentSettings = z.strictObject({
  name,
  stage: z.enum(['coder', 'qa', 'mergemaster', 'other']).default('coder'),
  runtime: z.enum(runtimeNames).default('shell'),
  /**
   * The shell runtime's program and its arguments, a relative program is looked for in the project;
   * for the others, where their program is, if not in PATH.
   */
  command: commandLine.optional(),
  /** Variables that the program gets beside the few that all get. Not for secrets. */
  environment: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  model: z.string().optional(),
  /** Only this account pays; otherwise those of its runtime, in their order. */
  account: name.optional(),
  prompt: z.string().optional(),
  max_turns: z.number().int().positive().optional(),
  /** Only turns that call a tool count. */
  max_tool_turns: z.number().int().positive().optional(),
  max_budget_usd: z.number().positive().optional(),
  inactivity_timeout_secs: seconds.default(300),
  /** So long without a new change, file read or distinct tool call; 0 is no limit. */
  progress_timeout_secs: z.number().int().nonnegative().default(3600),
  /** So long in all; 0 is no limit. */
  run_timeout_secs: z.number().int().nonnegative().default(14_400),
  /** One tool call; 0 is no limit. */
  tool_timeout_secs: z.number().int().nonnegative().default(1800),
  allowed_tools: z.array(z.string().min(1)).default([]),
  disallowed_tools: z.array(z.string().min(1)).default([]),
  /** ask: a person in the chat is asked. unattended: everything is allowed, for use in a container. */
  permissions: z.enum(['ask', 'unattended']).default('ask'),
})

/** A login of one runtime. */
const account = z.strictObject({
  name,
  runtime: z.enum(runtimeNames).exclude(['shell']),
  /** The folder in which the program keeps this login. */
  home: z.string().regex(/^(\/|~\/)./, 'use a whole path, or one that begins with "~/"'),
})

const gateStep = z.strictObject({
  name,
  run: commandLine,
  class: z.enum(['format', 'lint', 'docs', 'build', 'test']).default('test'),
  timeout_secs: seconds.default(1800),
})

const gates = z.strictObject({
  repeat_once: z.boolean().default(true),
  step: z.array(gateStep).default([]),
  /** What the command `coverage` runs. */
  coverage: commandLine.optional(),
})

const merge = z.strictObject({
  /** So many items at most are judged at a time, each with those that land before it. */
  batch: z.number().int().min(1).max(8).default(1),
  /** Run on what is to land; what they change is a part of it. */
  generate: z.array(commandLine).default([]),
  /** The program that opens a pull request. */
  open_pr: commandLine.optional(),
  /** The program that prints something where one is open: asked before it is opened. */
  find_pr: commandLine.optional(),
})

const component = z.strictObject({
  name,
  /** Relative to the worktree. */
  path: z.string().default('.'),
  setup: z.array(commandLine).default([]),
  teardown: z.array(commandLine).default([]),
})

const watcher = z.strictObject({
  reconcile_interval_secs: seconds.default(30),
  /** What is done is looked through for what is to be archived at most so often. */
  sweep_interval_secs: seconds.default(60),
  /** So long after it was done, an item is archived. */
  done_retention_secs: seconds.default(14_400),
})

const dollars = z.number().nonnegative()

/** Dollars for a million tokens of one model. A cache costs as much as other tokens where it is missing. */
const price = z
  .strictObject({
    input: dollars,
    output: dollars,
    cache_read: dollars.optional(),
    cache_write: dollars.optional(),
  })
  .transform(({ input, output, cache_read = input, cache_write = input }) => ({
    input,
    output,
    cacheRead: cache_read,
    cacheWrite: cache_write,
  }))

/** The schema of `.huskies/project.toml`. */
export const projectSettings = z
  .strictObject({
    base_branch: z.string().min(1).optional(),
    default_qa: z.enum(qaModes).default('server'),
    /** Whether what lands is pushed: then the base branch is the remote's, and the local one follows. */
    push: z.boolean().default(false),
    /** branch: the base branch is moved. pr: a pull request is proposed, and people merge it. */
    land: z.enum(['branch', 'pr']).default('branch'),
    max_coders: z.number().int().positive().default(3),
    max_retries: z.number().int().nonnegative().default(3),
    /** Below so much free space no agent starts; 0 is no limit. */
    min_free_mb: z.number().int().nonnegative().default(500),
    /** What people mean by the times that they name. */
    timezone: z
      .string()
      .refine(isTimeZone, 'name a time zone such as "Europe/Berlin"')
      .default('UTC'),
    /** Used with an agent that names no model of its own. */
    default_coder_model: z.string().min(1).default('sonnet'),
    /** What all runs of a day, or of an item, may cost; nothing starts beyond it. */
    daily_budget_usd: z.number().positive().optional(),
    item_budget_usd: z.number().positive().optional(),
    /** What models cost, where the list prices do not hold or do not have them. */
    prices: z.record(z.string().min(1), price).default({}),
    /** Whether a run may go on when its account's paid overage is in use. */
    overage: z.boolean().default(false),
    rate_limit_notifications: z.boolean().default(false),
    watcher: watcher.prefault({}),
    merge: merge.prefault({}),
    gates: gates.prefault({}),
    component: z.array(component).default([]),
    agent: z.array(agentSettings).default([]),
    account: z.array(account).default([]),
  })
  .superRefine(({ agent, account }, context) => {
    for (const [index, { name }] of agent.entries()) {
      if (agent.findIndex((each) => each.name === name) === index) continue
      const message = 'another agent has this name'
      context.addIssue({ code: 'custom', path: ['agent', index, 'name'], message })
    }
    for (const [index, { account: name, runtime }] of agent.entries()) {
      const isThere = account.some((each) => each.name === name && each.runtime === runtime)
      if (name === undefined || isThere) continue
      const message = `no [[account]] of ${runtime} has the name ${name}`
      context.addIssue({ code: 'custom', path: ['agent', index, 'account'], message })
    }
    for (const [index, { name, runtime }] of account.entries()) {
      const first = account.findIndex((each) => each.name === name && each.runtime === runtime)
      if (first === index) continue
      const message = `${runtime} has another account of this name`
      context.addIssue({ code: 'custom', path: ['account', index, 'name'], message })
    }
  })

/** The project's settings, with every default filled in. */
export type ProjectSettings = z.infer<typeof projectSettings>
export type AgentSettings = ProjectSettings['agent'][number]
export type AccountSettings = ProjectSettings['account'][number]
export type GateStep = ProjectSettings['gates']['step'][number]
export type Component = ProjectSettings['component'][number]
