using System.Diagnostics;
using System.Text.RegularExpressions;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>What the just-in-time compiler makes of the kernels, on x64: it is asked to list its code in a process of its own.</summary>
internal static partial class MachineCode
{
    private const string ThisProcess = "CMUNEXT_COMPILED_KERNELS";

    private const int Side = 32;

    /// <summary>The instruction set whose kernels this process is to compile; null where it is not the one that is asked.</summary>
    public static InstructionSet? Wanted =>
        Environment.GetEnvironmentVariable(ThisProcess) is { } name ? Enum.Parse<InstructionSet>(name) : null;

    /// <summary>The innermost loops of every kernel of an instruction set; null where the compiler lists nothing.</summary>
    /// <param name="set">The instruction set. AVX2 is compiled for as on a processor without AVX-512, with its sixteen registers.</param>
    /// <param name="compiling">The name of the test that calls <see cref="Compile"/>.</param>
    public static InnerLoop[]? LoopsOf(InstructionSet set, string compiling)
    {
        string listing = Path.GetTempFileName();
        ProcessStartInfo start = new(ChildProcess.Dotnet, [typeof(MachineCode).Assembly.Location, "-method", compiling]);
        start.Environment[ThisProcess] = $"{set}";
        start.Environment["DOTNET_JitDisasm"] = "CMUNeXt.Engine.Kernels.*:* CMUNeXt.Engine.Vectors.*:*";
        start.Environment["DOTNET_JitStdOutFile"] = listing;
        start.Environment["DOTNET_EnableAVX512"] = set == InstructionSet.Avx512 ? "1" : "0";
        try
        {
            (int status, string output, string error) = ChildProcess.Run(start);
            Assert.True(status == 0, output + error);
            string[] lines = File.ReadAllLines(listing);
            return lines.Length == 0 ? null : [.. Parse(lines)];
        }
        finally
        {
            File.Delete(listing);
        }
    }

    /// <summary>
    /// Has all kernels compiled that an instruction set computes with: those of an image with many channels and with few, and of a step of
    /// training.
    /// </summary>
    /// <returns>The logits that they compute.</returns>
    public static float[] Compile(InstructionSet set)
    {
        List<float> all = [];
        foreach (string name in (string[])["cmunext-s", "cmunext"])
        {
            NetworkDescription network = NetworkCatalog.Describe(name);
            StateDict state = SampleNetwork.Weights(network);
            float[] image = Formula.Input(1, network.Channels * Side * Side);
            float[] logits = new float[Side * Side];
            using ManagedNetwork computed = new(network, state, threads: 1, set);
            computed.Forward(image, 1, Side, Side, logits);
            all.AddRange(logits);
            using TrainingNetwork trained = new(network, state, new SegmentationLoss(0.5, 1), new MomentumOptimizer(0.9, 0), 1, set);
            trained.Iterate(image, new byte[Side * Side], 1, Side, Side, 0.01, logits);
            all.AddRange(logits);
        }

        return [.. all];
    }

    private static IEnumerable<InnerLoop> Parse(string[] lines)
    {
        string kernel = "";
        List<string> code = [];
        foreach (string line in lines.Append("; Assembly listing for method end"))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                foreach (string[] loop in InnermostLoops(code))
                {
                    yield return new InnerLoop(kernel, loop);
                }

                // Only what is optimized at once is a kernel.
                kernel = line.EndsWith("(FullOpts)", StringComparison.Ordinal) ? Namespaces().Replace(heading.Groups[1].Value, "") : "";
                code.Clear();
            }
            else if (kernel.Length > 0 && line.Trim() is { Length: > 0 } text && text[0] != ';')
            {
                code.Add(text);
            }
        }
    }

    // The instructions of each loop, in order; without the loops that contain another.
    private static IEnumerable<string[]> InnermostLoops(List<string> code)
    {
        Dictionary<string, int> labels = code.Index()
            .Where(line => Label().IsMatch(line.Item))
            .ToDictionary(line => Label().Match(line.Item).Groups[1].Value, line => line.Index);
        int?[] targets = [.. code.Select(line =>
            labels.TryGetValue(Jump().Match(line).Groups[1].Value, out int target) ? target : (int?)null)];
        ILookup<int, int> before = Enumerable.Range(0, code.Count)
            .SelectMany(line => Following(line).Select(next => (Line: line, Next: next)))
            .ToLookup(way => way.Next, way => way.Line);
        List<HashSet<int>> loops = [.. Enumerable.Range(0, code.Count)
            .Where(line => targets[line] <= line)
            .Select(line => LoopOf(targets[line]!.Value, line))
            .Where(loop => !loop.Contains(0))];
        return loops.Where(loop => !loops.Exists(other => other.IsProperSubsetOf(loop)))
            .Select(loop => loop.Order().Select(line => code[line]).Where(line => !Label().IsMatch(line)).ToArray());

        IEnumerable<int> Following(int line)
        {
            if (targets[line] is { } target)
            {
                yield return target;
            }

            if (line + 1 < code.Count && !End().IsMatch(code[line]))
            {
                yield return line + 1;
            }
        }

        // All from where the jump back is reached, up to where it goes; up to the method's start where it is no loop.
        HashSet<int> LoopOf(int start, int jump)
        {
            HashSet<int> loop = [start];
            Stack<int> open = new([jump]);
            while (open.TryPop(out int line))
            {
                if (loop.Add(line))
                {
                    foreach (int previous in before[line])
                    {
                        open.Push(previous);
                    }
                }
            }

            return loop;
        }
    }

    [GeneratedRegex(@"^; Assembly listing for method ([^(]*)")]
    private static partial Regex Heading();

    [GeneratedRegex(@"CMUNeXt\.Engine\.(Kernels|Vectors)\.|System\.Runtime\.Intrinsics\.|`\d")]
    private static partial Regex Namespaces();

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^j\w+\s+(?:SHORT )?(G_M\w+)")]
    private static partial Regex Jump();

    // After which the next line is not reached.
    [GeneratedRegex(@"^(jmp|ret|int3)\b|FAIL_FAST")]
    private static partial Regex End();
}
