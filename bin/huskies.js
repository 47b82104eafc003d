#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { advice, isNewEnough, localNode } from './node-version.js'

// An old Node would crash in a native addon, so it is found out before anything is loaded.
if (isNewEnough()) {
  // Sources that were read once are not compiled again: half of a start is that. The folder is the
  // program's own, since whoever may write there decides what runs here.
  nodeModule.enableCompileCache(
    fileURLToPath(new URL('../node_modules/.cache/huskies', import.meta.url)),
  )
  const source = new URL('../src/cli.ts', import.meta.url)
  const built = new URL('../dist/cli.js', import.meta.url)
  await import(existsSync(source) ? source.href : built.href)
} else {
  const node = localNode()
  if (node) runOn(node)
  else {
    process.stderr.write(`${advice()}\n`)
    process.exitCode = 1
  }
}

function runOn(node) {
  const program = fileURLToPath(import.meta.url)
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1)
  })
}
