import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

let known: string | undefined

/** A value that is another one after each boot of this machine. */
export function bootId(): string {
  known ??= (process.platform === 'linux' ? fromProcfs() : fromSysctl()).trim()
  return known
}

const fromProcfs = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
const fromSysctl = () =>
  execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' })
