// Measures engines outside Go on what `bench/rule -export` wrote into DIR, one line of
// JSON for each figure:  node peers.mjs DIR > DIR/node.lines
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { DuckDBInstance } from '@duckdb/node-api'
import { ZenEngine } from '@gorules/zen-engine'
import jre from 'json-rules-engine'

const dir = process.argv[2]
const read = (name) => readFileSync(`${dir}/${name}`, 'utf8')
const say = (what, engine, figure) => console.log(JSON.stringify({ what, engine, figure }))

// best runs fn in rounds for most of a second and returns the least mean time of a turn, in µs.
async function best(fn, turns) {
  let least = Infinity
  for (const from = performance.now(); performance.now() - from < 800; ) {
    const round = performance.now()
    for (let i = 0; i < turns; i++) await fn(i)
    least = Math.min(least, ((performance.now() - round) / turns) * 1000)
  }
  return least
}

async function duckdb() {
  const db = await DuckDBInstance.create(':memory:', { threads: String(cpus().length) })
  const c = await db.connect()
  await c.run(read('create.sql'))
  await c.run(`copy people from '${dir}/people.csv' (header false)`)
  const count = read('count.sql')
  const granted = read('granted').trim()
  let least = Infinity
  let turns = 0
  for (const began = performance.now(); turns < 3 && performance.now() - began < 30_000; turns++) {
    const from = performance.now()
    const rows = (await c.runAndReadAll(count)).getRows()
    least = Math.min(least, performance.now() - from)
    if (rows[0].join(' ') !== granted) throw new Error('DuckDB grants otherwise')
  }
  const sum = granted.split(' ').reduce((a, b) => a + BigInt(b), 0n)
  const [[version]] = (await c.runAndReadAll('select version()')).getRows()
  const [[people]] = (await c.runAndReadAll('select count(*) from people')).getRows()
  say(`273 entitlement rules over ${people} people (${sum} granted)`, `DuckDB ${version}, counted by one query, best of ${turns}`, `${(least / 1000).toFixed(2)} s`)
}

const version = (name) => JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version

async function twelve() {
  const engine = new jre.Engine()
  const facts = {}
  const all = []
  for (let i = 0; i < 12; i++) {
    const fact = `f${String(i).padStart(2, '0')}`
    facts[fact] = 40 + i
    all.push({ fact, operator: 'greaterThanInclusive', value: 10 + i })
  }
  engine.addRule({ conditions: { all }, event: { type: 'grant' } })
  const us = await best(async () => {
    const { events } = await engine.run(facts)
    if (events.length !== 1) throw new Error('json-rules-engine refused')
  }, 100)
  say('one decision of 12 conditions', `json-rules-engine ${version('json-rules-engine')}, without reasons`, `${us.toFixed(2)} µs`)
}

// zen decides by the table of 3,000 rows, a row in the middle of it.
async function zen() {
  const t = JSON.parse(read('lookup.json'))
  const cell = (test) => {
    if (!test) return ''
    if (test === 'yes') return 'true'
    const [from, to] = test.split('..')
    if (to === undefined) return `"${test}"`
    return to === '' ? `>= ${from}` : `[${from}..${to}]`
  }
  const inputs = t.facts.map((f) => ({ id: f.code, name: f.code, type: 'expression', field: f.code }))
  const rules = t.rows.map((r) => ({ _id: r.code, ...Object.fromEntries(t.facts.map((f) => [f.code, cell(r.when[f.code])])), amount: r.then.amount }))
  const content = {
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', position: { x: 0, y: 0 } },
      { id: 't', type: 'decisionTableNode', name: 't', position: { x: 1, y: 0 },
        content: { hitPolicy: 'first', inputs, outputs: [{ id: 'amount', name: 'amount', type: 'expression', field: 'amount' }], rules } },
      { id: 'out', type: 'outputNode', name: 'out', position: { x: 2, y: 0 } },
    ],
    edges: [{ id: 'a', sourceId: 'in', targetId: 't', type: 'edge' }, { id: 'b', sourceId: 't', targetId: 'out', type: 'edge' }],
  }
  const decision = new ZenEngine().createDecision(content)
  const rows = t.rows.length
  const us = await best(async (i) => {
    const k = (i * 769) % rows
    const band = Math.floor(k / 100)
    const { result } = await decision.evaluate({ kind: `k${k % 10}`, street: `s${Math.floor(k / 10) % 10}`, living: true, age: band * 4 + 1, income: band * 100 + 7 })
    if (result.amount !== k) throw new Error(`zen says ${JSON.stringify(result)} for row ${k}`)
  }, 50)
  say(`a table of ${rows} rows`, `GoRules Zen ${version('@gorules/zen-engine')} (Node)`, `${us.toFixed(0)} µs`)
}

// One that cannot be measured is left out, and the others stand.
let failed = false
for (const measure of [twelve, zen, duckdb]) {
  try {
    await measure()
  } catch (err) {
    console.error(`bench/rule: ${measure.name}: ${err.message}`)
    failed ||= /grants otherwise/.test(err.message)
  }
}
if (failed) process.exit(1)
