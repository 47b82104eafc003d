import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a program to its end; rejects, with what it complained of, where that is not a good one. */
export const execute = promisify(execFile)
