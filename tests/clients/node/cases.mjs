// What the scripts share: every case runs, and one that fails unexpectedly fails its own test only.

export async function run(cases) {
  const found = {};
  for (const [name, make] of Object.entries(cases)) {
    try {
      found[name] = await make();
    } catch (error) {
      found[name] = { raised: `${error?.name}: ${error?.message}` };
    }
  }
  process.stdout.write(JSON.stringify(found));
}

export async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}
