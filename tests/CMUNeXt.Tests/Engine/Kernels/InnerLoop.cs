using System.Text.RegularExpressions;

namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>The instructions of a loop that contains no other, in the compiler's spelling for x64.</summary>
/// <param name="Kernel">The method.</param>
/// <param name="Instructions">From its label to the jump back.</param>
internal sealed partial record InnerLoop(string Kernel, string[] Instructions)
{
    /// <summary>
    /// Whether it is the transform of a whole tile, unrolled: that has 36 places and as many values, more than there are registers.
    /// </summary>
    public bool IsWholeTile => Instructions.Length > 128;

    /// <summary>Whether it computes with vectors: what is left over at the end of a row is done value by value.</summary>
    public bool IsVectorized =>
        Instructions.Any(line => WholeVector().IsMatch(line)) && !Instructions.Any(line => Scalar().IsMatch(line));

    /// <summary>What is kept on the stack for want of a register, and indices that are widened anew each time.</summary>
    public IEnumerable<string> Spills => Instructions.Where(line => Spill().IsMatch(line));

    /// <summary>Instructions that compute an address; a pointer that walks is none.</summary>
    public IEnumerable<string> Addresses => Instructions.Where(line => Address().IsMatch(line) && !StepOfPointer().IsMatch(line));

    [GeneratedRegex(@"[yz]mm")]
    private static partial Regex WholeVector();

    [GeneratedRegex(@"^v\w+[sd]s\s+xmm")]
    private static partial Regex Scalar();

    [GeneratedRegex(@"\[r[bs]p|^(movsx|cdq)")]
    private static partial Regex Spill();

    [GeneratedRegex(@"^(lea|i?mul|sh[lr]|sa[lr]|and|or|xor|neg|movzx|mov|call)\s")]
    private static partial Regex Address();

    // lea rax, [rax+4*rdx]
    [GeneratedRegex(@"^lea\s+(\w+), \[\1\+")]
    private static partial Regex StepOfPointer();
}
