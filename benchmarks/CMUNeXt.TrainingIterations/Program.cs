using System.CommandLine;
using System.Diagnostics;
using CMUNeXt.TrainingIterations;

// Times training iterations of several engines in turn, each engine in a process of its own.
Option<string> model = new("--model") { Description = "The network.", DefaultValueFactory = _ => "cmunext-s" };
Option<int> batch = new("--batch") { Description = "Images of an iteration.", DefaultValueFactory = _ => 8 };
Option<int> size = new("--size") { Description = "Height and width.", DefaultValueFactory = _ => 256 };
Option<int> iterations = new("--iterations") { Description = "Timed iterations, after two that are not.", DefaultValueFactory = _ => 10 };
Option<int> threads = new("--threads") { Description = "Threads of each engine.", DefaultValueFactory = _ => Environment.ProcessorCount };
Option<string[]> engines = new("--engines")
{
    Description = "managed, managed-avx2, managed-vector128, torch (channels-last, allocator kept from returning memory), "
        + "torch-plain (as it comes); managed-recipe and torch-recipe: by the recipe for ultrasound.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => ["managed", "torch", "torch-plain"],
};
Option<bool> parts = new("--parts") { Description = "Also the time of each part of the managed engine's iteration." };
Option<bool> checksums = new("--checksums") { Description = "Only the managed engine's bits: checksums of logits and weights." };
Option<bool> ranks = new("--ranks") { Description = "The managed engine alone, at the ranks of mpirun where it started this." };
Option<string?> worker = new("--worker") { Hidden = true };
RootCommand command = new("Training iterations of several engines in turn.")
{
    model, batch, size, iterations, threads, engines, parts, checksums, ranks, worker,
};
command.SetAction(parsed =>
{
    string[] setting =
    [
        "--model", parsed.GetValue(model)!, "--batch", $"{parsed.GetValue(batch)}", "--size", $"{parsed.GetValue(size)}", "--threads",
        $"{parsed.GetValue(threads)}",
    ];
    if (parsed.GetValue(worker) is { } engine)
    {
        Worker.Run(engine, parsed.GetValue(model)!, parsed.GetValue(batch), parsed.GetValue(size), parsed.GetValue(threads));
        return;
    }

    if (parsed.GetValue(checksums))
    {
        Checksums.Print(parsed.GetValue(model)!);
        return;
    }

    if (parsed.GetValue(ranks))
    {
        RankIterations.Run(
            parsed.GetValue(model)!, parsed.GetValue(batch), parsed.GetValue(size), parsed.GetValue(threads), parsed.GetValue(iterations));
        return;
    }

    Comparison.Run(parsed.GetValue(engines)!, setting, parsed.GetValue(iterations));
    if (parsed.GetValue(parts))
    {
        Parts.Run(
            parsed.GetValue(model)!, parsed.GetValue(batch), parsed.GetValue(size), parsed.GetValue(threads), parsed.GetValue(iterations));
    }
});
return command.Parse(args).Invoke();
