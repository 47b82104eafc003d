import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Where what tests download is kept from one run to the next: the folder that HUSKIES_TEST_CACHE names,
 * or one in the user's own cache.
 */
export function testCache(): string {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return process.env.HUSKIES_TEST_CACHE ?? join(caches, 'huskies-tests')
}
