using System.Diagnostics;
using System.Runtime.Intrinsics;
using CMUNeXt.Engine;
using CMUNeXt.Engine.Learning;
using CMUNeXt.Engine.Simd;
namespace CMUNeXt.TrainingSteps;
internal static unsafe class Micro
{
    public static void Run()
    {
        using NativeBuffer a = new(1 << 16), b = new(1 << 16), c = new(1 << 16), one = new(16);
        Random r = new(1);
        for (int i = 0; i < 1 << 16; i++) { a.Data[i] = (float)(r.NextDouble() * 4 - 2); b.Data[i] = a.Data[i]; }
        double* sums = stackalloc double[16];
        float* fs = stackalloc float[512];
        double ghz = 0;
        {
            long t = Stopwatch.GetTimestamp(); long x = 1; for (int i = 0; i < 400_000_000; i++) { x = x * 3; } 
            ghz = 400e6 * 3 / Stopwatch.GetElapsedTime(t).TotalSeconds / 1e9; Console.WriteLine($"ghz (if imul 3 cycles) {ghz:0.00} {x}");
        }
        nint p = (nint)a.Data, q = (nint)b.Data, s = (nint)c.Data, o = (nint)one.Data, su = (nint)sums, f = (nint)fs;
        Time("gelu 512 floats", 32, () => Simd512.Gelu((float*)p, 512));
        Time("geluaffine 512 floats", 32, () => Simd512.GeluAffine((float*)q, (float*)s, 512, (float*)o, (float*)o));
        Time("gelubackward 512 floats", 32, () => Simd512.GeluBackward((float*)q, (float*)p, (float*)s, 512, (float*)o, (float*)o, (float*)o));
        Time("moments 64 pixels", 32, () => PixelKernels<Simd512, Vector512<float>>.AddMoments((float*)q, 64, (double*)su));
        Time("moments 256 pixels", 128, () => PixelKernels<Simd512, Vector512<float>>.AddMoments((float*)q, 256, (double*)su));
        Time("addsums 64 pixels", 32, () => PixelKernels<Simd512, Vector512<float>>.AddSums((float*)q, 64, (float*)f));
        Time("outer octets 64 px", 64 * 16, () => OuterKernels<Simd512, Vector512<float>>.AddOctets((float*)q, (float*)q + 528, 528, 4, 64, (float*)f));
        using PackedWeights w8 = new(new ChannelOrder(8), new ChannelOrder(32), 1, 16), w32 = new(new ChannelOrder(32), new ChannelOrder(8), 1, 16), w16 = new(new ChannelOrder(32), new ChannelOrder(32), 9, 16);
        Time("product 64px 8->32", 64 * 16, () => w8.Multiply<Simd512, Vector512<float>>((float*)q, 528, 0, (float*)s, 528, 0, 1, 64, (0, 1), (0, 4), false));
        Time("product 64px 32->8(16)", 64 * 32, () => w32.Multiply<Simd512, Vector512<float>>((float*)q, 528, 0, (float*)s, 528, 0, 1, 64, (0, 4), (0, 2), false));
        Time("conv 4 rows 64px 32->32", 4 * 64 * 32 * 9 * 2, () => w16.Multiply<Simd512, Vector512<float>>((float*)q, 4000, 560, (float*)s, 4000, 560, 4, 64, (0, 4), (0, 4), false));
        void Time(string name, int units, Action action)
        {
            for (int i = 0; i < 20000; i++) action();
            double best = double.MaxValue;
            for (int k = 0; k < 5; k++) { long t = Stopwatch.GetTimestamp(); for (int i = 0; i < 20000; i++) action(); best = Math.Min(best, Stopwatch.GetElapsedTime(t).TotalSeconds / 20000); }
            Console.WriteLine($"{name,-28} {best * 1e9,8:0} ns, {best * ghz * 1e9 / units,6:0.00} cycles a unit");
        }
    }
}
