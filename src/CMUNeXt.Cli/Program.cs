using System.Runtime.InteropServices;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Suite;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Drawing.Formats;

StandardStreams.Guard(isCopied: JobEnvironment.OfThisProcess.IsMpirun);
using CancellationTokenSource stop = new();

// The first signal asks for a clean end, with everything kept; the second ends at once.
void OnSignal(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
// A write beyond the limit of file sizes (ulimit -f) shall fail as a full disk does, and not kill the process. The number, SIGXFSZ, is
// that of Linux and macOS; Windows has no such signal.
using PosixSignalRegistration? fileSize = OperatingSystem.IsWindows()
    ? null
    : PosixSignalRegistration.Create((PosixSignal)25, context => context.Cancel = true);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

if (args is [VerbProcess.Word, ..])
{
    args = args[1..];
    VerbProcess.Attach(stop);
}

bool isMeasured = args is [MeasuredProcess.Word, ..];
SkiaDecoder.Register();
BackendFolder.RegisterAll();
int status = await Invocation.Run(isMeasured ? args[1..] : args, stop.Token);
if (isMeasured)
{
    MeasuredProcess.Tell();
}

return status;
