// A short two-tone call. Browsers let a page sound only after it was touched, so
// the switch that turns it on is also that touch.
let audio: AudioContext | undefined;

/** Makes the page able to sound; call it from a click. */
export async function wake(): Promise<void> {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') await audio.resume();
}

/** Sounds, where the page may. */
export function sound() {
  if (!audio || audio.state !== 'running') return;
  const start = audio.currentTime;
  for (const [i, hertz] of [880, 660, 880].entries()) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, start + i * 0.22);
    gain.gain.exponentialRampToValueAtTime(0.2, start + i * 0.22 + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + i * 0.22 + 0.2);
    tone.connect(gain).connect(audio.destination);
    tone.start(start + i * 0.22);
    tone.stop(start + i * 0.22 + 0.22);
  }
}

/** Whether the person asked to be alerted, remembered on this desk. */
export const wanted = {
  get: () => localStorage.getItem('alarm') === 'on',
  set: (on: boolean) => localStorage.setItem('alarm', on ? 'on' : 'off'),
};
