const [module = ''] = process.argv.slice(2)

process.once('message', async (message: { readonly input: unknown }) => {
  const { measure } = await import(new URL(module, import.meta.url).href)
  const value: unknown = await measure(message.input)
  process.send?.({ value }, () => process.exit(0))
})
