import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { prepareRunFolder } from '../../../src/agents/runs/run-folder.ts'
import type { RunOrder } from '../../../src/agents/runtime.ts'
import { runtimeCalled } from '../../support/recordings.ts'

const names = ['claude-code', 'codex', 'gemini', 'opencode'] as const
const token = 'a-token-of-this-run'
const tools = { url: 'http://127.0.0.1:4000/mcp', token }

/** How a program is started, with its files on disk, `FOLDER` and `WORKTREE` for where they are. */
function start(name: string, changes: Partial<RunOrder> = {}, settings: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-launch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const directory = join(folder, 'item-1')
  mkdirSync(directory)
  const order: RunOrder = {
    run: 'r1',
    directory,
    prompt: 'Do it.\n',
    unattended: false,
    accountHome: join(folder, 'account'),
    facts: { HUSKIES_ITEM: '1' },
    ...changes,
  }
  const runtime = runtimeCalled(name, settings)
  const own = prepareRunFolder(directory, runtime.files?.(order) ?? [])
  const launch = runtime.launch(order, own)
  const told = (text: string) =>
    text.replaceAll(own, 'FOLDER').replaceAll(directory, 'WORKTREE').replaceAll(folder, 'BESIDE')
  return {
    ...{ folder, directory, own, launch },
    args: launch.args.map(told),
    env: Object.fromEntries(Object.entries(launch.env).map(([key, value]) => [key, told(value)])),
    file: (path: string) => readFileSync(join(own, path), 'utf8'),
  }
}

describe.each(names)('%s', (name) => {
  it('is started in the worktree, with its environment, the facts and the prompt', () => {
    const { launch, directory } = start(name, {}, { environment: { EXTRA: 'yes' } })
    const command = name === 'claude-code' ? 'claude' : name
    expect(launch).toMatchObject({ command, cwd: directory, stdin: 'Do it.\n' })
    expect(launch.env).toMatchObject({ PATH: '/bin', EXTRA: 'yes', HUSKIES_ITEM: '1' })
  })

  it('is looked for where the settings say', () => {
    const { launch, directory } = start(name, {}, { command: ['tools/program', '--first'] })
    expect(launch.command).toBe(join(directory, 'tools/program'))
    expect(launch.args[0]).toBe('--first')
  })

  it('L16: goes on with a session by its id, and with a prompt that is not empty', () => {
    const { launch } = start(name, { session: 'the-session' })
    expect(launch.args).toContain('the-session')
    expect(launch.stdin).not.toBe('')
  })

  it('has the token of its tools in a file for its owner alone, and nowhere else', () => {
    const { launch, own } = start(name, { tools })
    expect(JSON.stringify([launch.args, launch.env])).not.toContain(token)
    const files = readdirSync(own, { recursive: true, withFileTypes: true })
    const paths = files.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name))
    const holders = paths.filter((path) => readFileSync(path, 'utf8').includes(token))
    expect(holders).toHaveLength(1)
    for (const path of holders) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is given no tools where there are none', () => {
    const { launch, own } = start(name)
    const written = readdirSync(own, { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => readFileSync(join(it.parentPath, it.name), 'utf8'))
    expect([...launch.args, ...written].join('\n')).not.toContain('mcp')
  })
})

describe('Claude Code', () => {
  it('has the default model, or its own', () => {
    expect(start('claude-code').args.join(' ')).toContain('--model sonnet')
    expect(start('claude-code', { model: 'opus' }).args.join(' ')).toContain('--model opus')
  })

  it('is told its limits, and keeps its login in the folder of its account', () => {
    const { args, env } = start('claude-code', { maxTurns: 5, maxBudgetUsd: 2.5 })
    expect(args.join(' ')).toContain('--max-turns 5 --max-budget-usd 2.5')
    expect(env.CLAUDE_CONFIG_DIR).toBe('BESIDE/account')
  })

  it('L22, L23, L24: asks a person by our tool, needs no leave for ours, and has rules in its own form', () => {
    const { args, file } = start('claude-code', {
      ...{ tools, allowedTools: ['Bash(npm test:*)'], disallowedTools: ['WebFetch'] },
    })
    expect(args.slice(args.indexOf('--permission-mode'))).toEqual([
      ...['--permission-mode', 'acceptEdits'],
      ...['--permission-prompt-tool', 'mcp__huskies__ask_permission'],
      ...['--allowedTools', 'Bash(git add:*)', 'Bash(git commit:*)', 'mcp__huskies'],
      'Bash(npm test:*)',
      ...['--disallowedTools', 'WebFetch'],
      ...['--strict-mcp-config', '--mcp-config', 'FOLDER/mcp.json'],
    ])
    expect(JSON.parse(file('mcp.json'))).toEqual({
      mcpServers: {
        huskies: {
          type: 'http',
          url: tools.url,
          headers: { Authorization: `Bearer ${token}` },
          alwaysLoad: true,
        },
      },
    })
  })

  it('asks nobody when it is unattended', () => {
    const { args, env } = start('claude-code', { tools, unattended: true })
    expect(args.join(' ')).toContain('--permission-mode bypassPermissions')
    expect(args).not.toContain('--permission-prompt-tool')
    expect(env.IS_SANDBOX).toBe('1')
  })
})

describe('Codex', () => {
  it('L24: works in its sandbox, where our tools need no leave', () => {
    const { args, file, env } = start('codex', { tools, model: 'gpt', session: 's-1' })
    expect(args).toEqual([
      ...['exec', '--json', '--skip-git-repo-check', '--model', 'gpt'],
      ...['-c', 'sandbox_mode="workspace-write"'],
      ...['-c', 'sandbox_workspace_write.writable_roots=[]'],
      ...['-c', `mcp_servers.huskies.url="${tools.url}"`],
      ...['-c', 'mcp_servers.huskies.http_headers_helper="cat .huskies/state/run/headers.json"'],
      ...['-c', 'mcp_servers.huskies.required=true'],
      ...['-c', 'mcp_servers.huskies.default_tools_approval_mode="approve"'],
      ...['-c', 'mcp_servers.huskies.disabled_tools=["ask_permission"]'],
      ...['-c', 'mcp_servers.huskies.tool_timeout_sec=86400'],
      ...['resume', 's-1', '-'],
    ])
    expect(JSON.parse(file('headers.json'))).toEqual({ Authorization: `Bearer ${token}` })
    expect(env.CODEX_HOME).toBe('BESIDE/account')
  })

  it('may write where git stores commits on its branch, and not to settings or to the base branch', () => {
    const folder = mkdtempSync(join(tmpdir(), 'huskies-codex-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder }
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env })
    const author = ['-c', 'user.name=Anna', '-c', 'user.email=anna@example.org']
    git('init', '--quiet', 'project')
    git('-C', 'project', ...author, 'commit', '--quiet', '--allow-empty', '-m', 'begun')
    git('-C', 'project', 'worktree', 'add', '--quiet', '-b', 'feature/item-1', '../item-1')
    const writable = (...places: string[]) => {
      const roots = places.map((place) => join(folder, 'project/.git', place))
      return `sandbox_workspace_write.writable_roots=${JSON.stringify(roots)}`
    }
    const args = () => start('codex', { directory: join(folder, 'item-1') }).launch.args
    const own = ['worktrees/item-1', 'objects']
    expect(args()).toContain(writable(...own, 'refs/heads/feature', 'logs/refs/heads/feature'))
    git('-C', 'project', 'pack-refs', '--all')
    expect(args()).toContain(writable(...own, 'refs/heads', 'logs/refs/heads/feature'))
  })

  it('does everything when it is unattended', () => {
    const { args } = start('codex', { unattended: true })
    expect(args).toContain('--dangerously-bypass-approvals-and-sandbox')
    expect(args.join(' ')).not.toContain('sandbox_mode')
  })

  it('says that it has no rules for tools instead of forgetting them', () => {
    expect(() => start('codex', { disallowedTools: ['shell'] })).toThrow(
      'take allowed_tools and disallowed_tools out of the agent ann in project.toml',
    )
  })
})

describe('Gemini', () => {
  it('has a home of its own that leads to its account', () => {
    const { folder, args, env, own } = start('gemini', { tools, maxTurns: 7, model: 'pro' })
    expect(args).toEqual([
      ...['--output-format', 'stream-json', '--skip-trust', '--approval-mode', 'auto_edit'],
      ...['--policy', 'FOLDER/policy.toml', '--model', 'pro'],
    ])
    expect(env.GEMINI_CLI_HOME).toBe('FOLDER/gemini')
    writeFileSync(join(own, 'gemini/.gemini/tmp/session'), 'kept')
    rmSync(own, { recursive: true })
    expect(readFileSync(join(folder, 'account/.gemini/tmp/session'), 'utf8')).toBe('kept')
  })

  it('adds to the settings of the account, and leaves them as they are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'huskies-gemini-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const settings = join(folder, '.gemini/settings.json')
    mkdirSync(join(folder, '.gemini'))
    writeFileSync(settings, '{"security":{"auth":{"selectedType":"gemini-api-key"}}}')
    const { file } = start('gemini', { tools, maxTurns: 7, accountHome: folder })
    expect(JSON.parse(file('gemini/.gemini/settings.json'))).toEqual({
      security: { auth: { selectedType: 'gemini-api-key' } },
      general: { enableAutoUpdate: false },
      model: { maxSessionTurns: 7 },
      mcpServers: {
        huskies: {
          httpUrl: tools.url,
          headers: { Authorization: `Bearer ${token}` },
          trust: true,
          excludeTools: ['ask_permission'],
          timeout: 86_400_000,
        },
      },
    })
    expect(readFileSync(settings, 'utf8')).not.toContain('huskies')
    writeFileSync(settings, '{ // my login\n}')
    expect(() => start('gemini', { accountHome: folder })).toThrow('take its comments out')
  })

  it('L23, L24: its policy is in its own form, and allows our tools', () => {
    const { file } = start('gemini', {
      ...{ tools, allowedTools: ['run_shell_command(npm test)'], disallowedTools: ['web_fetch'] },
    })
    expect(file('policy.toml')).toBe(`[[rule]]
mcpName = "huskies"
toolName = "*"
decision = "allow"
priority = 500

[[rule]]
toolName = "run_shell_command"
commandPrefix = "git add"
decision = "allow"
priority = 500

[[rule]]
toolName = "run_shell_command"
commandPrefix = "git commit"
decision = "allow"
priority = 500

[[rule]]
toolName = "run_shell_command"
commandPrefix = "git status"
decision = "allow"
priority = 500

[[rule]]
toolName = "run_shell_command"
commandPrefix = "npm test"
decision = "allow"
priority = 500

[[rule]]
toolName = "web_fetch"
decision = "deny"
priority = 900
`)
  })

  it('does everything when it is unattended', () => {
    expect(start('gemini', { unattended: true }).args.join(' ')).toContain('--approval-mode yolo')
  })
})

describe('opencode', () => {
  it('L23, L24: leaves nothing to be asked, and needs no leave for our tools', () => {
    const { args, env, file } = start('opencode', {
      ...{ tools, allowedTools: ['bash(npm test*)', 'webfetch'], disallowedTools: ['task'] },
    })
    expect(args).toEqual(['run', '--format', 'json', '--thinking'])
    const patterns = { '*': 'deny', 'git add *': 'allow', 'git commit *': 'allow' }
    expect(JSON.parse(env.OPENCODE_PERMISSION ?? '')).toEqual({
      bash: { ...patterns, 'git status*': 'allow', 'npm test*': 'allow' },
      edit: { '*': 'allow' },
      webfetch: { '*': 'allow' },
      external_directory: { '*': 'deny' },
      doom_loop: { '*': 'deny' },
      'huskies_*': { '*': 'allow' },
      huskies_ask_permission: { '*': 'deny' },
      task: { '*': 'deny' },
    })
    expect(env.OPENCODE_CONFIG).toBe('FOLDER/opencode.json')
    expect(JSON.parse(file('opencode.json'))).toMatchObject({
      mcp: { huskies: { type: 'remote', url: tools.url } },
    })
    expect(env.XDG_DATA_HOME).toBe('BESIDE/account')
  })

  it('lets a rule that comes later decide', () => {
    const { env } = start('opencode', { allowedTools: ['bash'], disallowedTools: ['bash(git *)'] })
    const { bash } = JSON.parse(env.OPENCODE_PERMISSION ?? '') as { bash: object }
    expect(Object.entries(bash).slice(-2)).toEqual([
      ['*', 'allow'],
      ['git *', 'deny'],
    ])
  })

  it('does everything when it is unattended', () => {
    const { args, env } = start('opencode', { unattended: true })
    expect(args).toContain('--auto')
    expect(JSON.parse(env.OPENCODE_PERMISSION ?? '')).toEqual({
      'huskies_*': { '*': 'allow' },
      huskies_ask_permission: { '*': 'deny' },
    })
  })
})
