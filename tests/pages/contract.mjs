// What eight clients that take the contract over and over cost another: the response times of /health/live, for five seconds
// without them and five with them.
const origin = process.argv[2].replace(/\/$/, '');

async function latencies(seconds) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    await (await fetch(`${origin}/health/live`)).text();
    times.push(performance.now() - start);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  times.sort((a, b) => a - b);
  const at = share => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
  return `median ${at(0.5)} ms, 99 % ${at(0.99)} ms`;
}

console.log(`/health/live alone: ${await latencies(5)}`);
let goes = true;
let taken = 0;
const clients = Array.from({ length: 8 }, async () => {
  while (goes) {
    // The bytes as they are sent: unpacking them is not measured.
    const response = await fetch(`${origin}/openapi.json`, { headers: { 'Accept-Encoding': 'gzip' } });
    await response.body.cancel();
    taken++;
  }
});
console.log(`/health/live beside eight clients: ${await latencies(5)}`);
goes = false;
await Promise.all(clients);
console.log(`${(taken / 5).toFixed(0)} contracts a second`);
