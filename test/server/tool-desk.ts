import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { onTestFinished } from 'vitest'
import { Verdicts } from '../../src/agents/judging/qa-verdict.ts'
import type { AgentRole, Run } from '../../src/agents/runs/run.ts'
import { RunTokens } from '../../src/agents/runs/run-tokens.ts'
import { PermissionRules } from '../../src/agents/tools/permission-rules.ts'
import { RunTools } from '../../src/agents/tools/run-tools.ts'
import { Hooks } from '../../src/kernel/hooks.ts'
import { createLog } from '../../src/kernel/log.ts'
import type { ItemDraft } from '../../src/pipeline/item.ts'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import { openDesk } from '../commands/desk.ts'
import { FakeGates } from '../support/fake-gates.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const ways: { readonly [R in AgentRole]: readonly StageEvent[] } = {
  coder: [{ type: 'start' }],
  qa: [{ type: 'start' }, { type: 'gates-passed', work }],
  mergemaster: [
    { type: 'start' },
    { type: 'qa-skipped', work },
    { type: 'merge-failed', failure: { kind: 'conflict', detail: 'a.txt' } },
  ],
  other: [],
}

/** What a tool has answered. */
export interface Answer {
  readonly text: string
  readonly failed: boolean
}

/** The way of a tool's call from a real client over real HTTP to the pipeline of a desk, and back. */
export async function openToolDesk() {
  const desk = openDesk()
  const { store, clock, runs, pipeline } = desk
  const folder = mkdtempSync(join(tmpdir(), 'huskies-server-'))
  const gates = new FakeGates()
  const log: string[] = []
  const tokens = new RunTokens(store, runs)
  const verdicts = new Verdicts(store)
  const tools = new RunTools({
    ...{ ...desk, gates, tokens, verdicts, rules: new PermissionRules(store, clock) },
    ...{ placesOf: () => [{ transport: 'terminal', room: 'main' }], permissionTimeoutMs: 120_000 },
    baseBranch: 'main',
  })
  const open = () =>
    HttpServer.open({
      port: { wanted: 0, file: join(folder, 'port') },
      offeredTo: (token) => tools.offeredTo(token),
      isReady: () => true,
      hooks: new Hooks(),
      version: '0.1.0',
      clock,
      log: createLog({ write: (line: string) => void log.push(line) }, 'debug'),
    })
  let server = await open()
  onTestFinished(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  return {
    ...{ ...desk, gates, tokens, verdicts, tools, log },
    get server() {
      return server
    },
    get url() {
      return server.toolsUrl
    },
    /** As a restart of the program: the port and the database stay. */
    async restart(): Promise<void> {
      await server.close()
      server = await open()
    },
    /** A run at work on a new item that is where its role works, and its token. */
    work(role: AgentRole = 'coder', draft: Partial<ItemDraft> = {}) {
      const by = { kind: 'person', id: 'terminal:anna', name: 'Anna' } as const
      const item = pipeline.create({ type: 'story', name: 'Something', ...draft }, by)
      for (const event of ways[role]) pipeline.apply(item.id, event, by)
      desk.worktrees.add(item.id)
      const agent = `agent-${item.id}`
      const run = runs.claim({ item: item.id, agent, role, attempt: 1 })
      return { item: item.id, run, token: tokens.issue(run) }
    },
    /** The run is over, as the supervisor and the judge say it. */
    end(run: Run): void {
      runs.exited(run, { kind: 'completed' })
      runs.end(run)
    },
    /** A real client with this token. */
    async connect(token: string) {
      const transport = new StreamableHTTPClientTransport(new URL(server.toolsUrl), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      })
      const client = new Client({ name: 'test', version: '1' })
      await client.connect(transport as Parameters<Client['connect']>[0])
      onTestFinished(() => client.close())
      return client
    },
  }
}

/** Calls a tool. */
export async function call(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
): Promise<Answer> {
  const result = await client.callTool({ name, arguments: input })
  const content = result.content as readonly { readonly text: string }[]
  return { text: content.map(({ text }) => text).join(''), failed: result.isError === true }
}
