import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What git runs around commits, merges, checkouts and pushes. */
const hooks = [
  'applypatch-msg',
  'pre-applypatch',
  'post-applypatch',
  'pre-commit',
  'pre-merge-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'pre-rebase',
  'post-checkout',
  'post-merge',
  'pre-push',
  'pre-auto-gc',
  'post-rewrite',
] as const

// Our folder takes the place of the project's own hooks, so each hook runs the project's first.
const forward = `#!/bin/sh
# Written by Huskies at each start. Runs the project's own hook of this name, where there is one.
name=\${0##*/}
own=$(unset GIT_CONFIG_COUNT; git config --type=path core.hooksPath) ||
  own=$(git rev-parse --git-common-dir)/hooks
if [ -x "$own/$name" ]; then
  "$own/$name" "$@" || exit
fi
`

// The check may use git itself, in other repositories too: it must not see the commit's variables.
const check = `
if [ -x script/check ]; then
  unset $(git rev-parse --local-env-vars)
  exec script/check </dev/null
fi
`

/**
 * Writes hooks into `folder` that hold each commit to the project's `script/check`, and returns the
 * variables by which a run's git uses them. Only the run is held to it, not the person's own git.
 */
export function installCommitGate(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const hook of hooks) {
    const checked = hook === 'pre-commit' || hook === 'pre-merge-commit'
    writeFileSync(join(folder, `${hook}.new`), checked ? forward + check : forward, { mode: 0o700 })
    renameSync(join(folder, `${hook}.new`), join(folder, hook))
  }
  return { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.hooksPath', GIT_CONFIG_VALUE_0: folder }
}
