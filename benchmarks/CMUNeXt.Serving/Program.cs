using System.CommandLine;
using CMUNeXt.Serving;

// Measures a server that runs beside it in a process of its own, on the loopback address: see docs/notebook/serving.md.
Argument<string> measurement = new("measurement") { Description = "What is measured." };
measurement.AcceptOnlyFromAmong("throughput", "overload", "soak", "malformed", "cancelled", "restart", "start", "folder");
Option<string> program = new("--cmunext") { Description = "The program, as published.", Required = true, HelpName = "FILE" };
Option<int> side = new("--side") { Description = "Height and width of the images.", DefaultValueFactory = _ => 256, HelpName = "PIXELS" };
Option<int> requests = new("--requests") { Description = "The requests of soak and malformed.", DefaultValueFactory = _ => 1000 };
Option<double> seconds = new("--seconds") { Description = "The seconds of each round.", DefaultValueFactory = _ => 10 };
Option<int> workers = new("--workers") { Description = "The server's workers.", DefaultValueFactory = _ => Environment.ProcessorCount };
Option<int?> queue = new("--queue") { Description = "The images that wait, in folder." };
RootCommand command = new("Measures cmunext serve.") { measurement, program, side, requests, seconds, workers, queue };
command.SetAction(async (parsed, stop) =>
{
    ServerSettings server = new(parsed.GetValue(program)!, parsed.GetValue(workers));
    TimeSpan time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
    Case[] cases = Case.Make(parsed.GetValue(side));
    bool isGood = parsed.GetValue(measurement) switch
    {
        "throughput" => await Throughput.Measure(server, cases, time),
        "overload" => await Overload.Measure(server, cases, time),
        "soak" => await Soak.Measure(server, cases, parsed.GetValue(requests)),
        "malformed" => await Malformed.Measure(server, cases, parsed.GetValue(requests)),
        "cancelled" => await Cancelled.Measure(server, cases),
        "restart" => await Restart.Measure(server, cases, time),
        "folder" => await Folder.Measure(server, cases, parsed.GetValue(queue) ?? server.QueueLimit),
        _ => await StartTime.Measure(server),
    };
    return isGood ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
