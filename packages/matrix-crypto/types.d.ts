// Only matrix-bot-sdk loads this package, and it is compiled already.
export {}
