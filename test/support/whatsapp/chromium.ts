import { existsSync } from 'node:fs'

/** Debian's, with which these tests are run. */
export const chromium = '/usr/bin/chromium'

/** Why a test with a browser cannot be run here. Where everything has to be there, it fails instead. */
export const noChromium =
  existsSync(chromium) || process.env.CI === 'true'
    ? undefined
    : `there is no ${chromium}: apt-get install chromium`
