/** An inference thread. The only file of the gateway that imports models. */
import { boundSharp, loadPictureFile } from '../../models/picture.ts';
import { cutEvidence } from '../../models/plate/evidence.ts';
import { openPlateReader, type PlateReader } from '../../models/plate/index.ts';
import type { About, EvidenceResult, FileResult, Job, PlatesResult } from './jobs.ts';
import { type Answer, serveJobs } from './serve.ts';

boundSharp();
const plateReader = await openPlateReader();
const about: About = { models: plateReader.sha256s };
serveJobs<Job>(about, (job) => handle(plateReader, job));

async function handle(reader: PlateReader, job: Job): Promise<Answer> {
  switch (job.kind) {
    case 'plates': {
      const { reads, detectMs, readMs } = await reader.plates(job.frame, {
        stream: true,
        ...(job.region ? { region: job.region } : {}),
      });
      const result: PlatesResult = { frame: job.frame, reads, detectMs, readMs };
      return { result, transfer: [job.frame.rgb.buffer] };
    }
    case 'evidence': {
      const [plate, scene] = await cutEvidence(job.frame, job.corners);
      const result: EvidenceResult = { frame: job.frame, plate, scene };
      return { result, transfer: [job.frame.rgb.buffer] };
    }
    case 'file': {
      const picture = await loadPictureFile(job.path);
      const { reads, detectMs, readMs } = job.crop ? await reader.crop(picture) : await reader.plates(picture);
      const result: FileResult = { reads, ms: detectMs + readMs };
      return { result, transfer: [] };
    }
  }
}
